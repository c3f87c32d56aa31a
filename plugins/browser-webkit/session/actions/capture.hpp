#pragma once
// Pictures, PDF and texts of the page. [main-thread]

#include "attachment.hpp"
#include "compositor/compositor.hpp"
#include "page/page.hpp"

namespace driftstack::browser_webkit {

/// The bytes of the capture, complete whatever their number.
Work<Attachment> capture(Page& page, Compositor& compositor, Command& command, browser::Capture message);

}  // namespace driftstack::browser_webkit

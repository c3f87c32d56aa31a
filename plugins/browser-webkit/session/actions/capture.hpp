#pragma once
// Pictures, PDF and HTML of the page. [main-thread]

#include "attachment.hpp"
#include "page/page.hpp"

namespace driftstack::browser_webkit {

/// The bytes of the capture, complete whatever their number.
Work<Attachment> capture(Page& page, Command& command, browser::Capture message);

}  // namespace driftstack::browser_webkit

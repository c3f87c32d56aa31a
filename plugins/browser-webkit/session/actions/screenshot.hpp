#pragma once
// Pictures of the page: viewport, whole document or one element, at any scale from 1 to 3. [main-thread]

#include "attachment.hpp"
#include "compositor/compositor.hpp"
#include "page/page.hpp"

namespace driftstack::browser_webkit {

/// Fails with conflict when the element of `message.selector` is not there to be seen, with too_large before any memory is taken for a
/// picture that would be too large. The page's device scale is afterwards what it was.
Work<Attachment> screenshot(Page& page, Compositor& compositor, Command& command, browser::Capture message);

}  // namespace driftstack::browser_webkit

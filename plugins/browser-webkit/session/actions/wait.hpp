#pragma once
// Waiting for a condition. [main-thread]

#include "page/page.hpp"

namespace driftstack::browser_webkit {

/// Satisfied or not when the time is over; fails only for a selector or pattern that does not parse, and when cancelled.
/// With a frame match the wait is for the frame too: conflict when none came in time.
Work<browser::Waited> wait(Page& page, Command& command, browser::Wait message);

}  // namespace driftstack::browser_webkit

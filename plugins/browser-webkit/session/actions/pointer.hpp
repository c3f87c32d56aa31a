#pragma once
// Tap and scroll: real pointer input with acknowledgement. [main-thread]

#include "actions/locate.hpp"
#include "compositor/compositor.hpp"

namespace driftstack::browser_webkit {

/// Puts the pointer on the target and presses its main button once.
Work<> tap(Page& page, Compositor& compositor, Command& command, std::string selector);

/// The same for a target that was located already.
Work<> tap_at(Page& page, Compositor& compositor, Command& command, Target target);

/// Turns the wheel over the target, or over the middle of the viewport.
Work<> scroll(Page& page, Compositor& compositor, Command& command, browser::Scroll action);

}  // namespace driftstack::browser_webkit

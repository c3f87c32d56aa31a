#pragma once
// Tap and scroll: real pointer input with acknowledgement. [main-thread]

#include "actions/locate.hpp"
#include "compositor/compositor.hpp"

namespace driftstack::browser_webkit {

/// Puts the pointer on the target and presses its main button once.
Work<> tap(Page& page, Compositor& compositor, Command& command, Aim aim);

/// The same for a target that was located already.
Work<> tap_at(Page& page, Compositor& compositor, Command& command, Target target);

/// Puts the pointer on the target.
Work<> hover(Page& page, Compositor& compositor, Command& command, Aim aim);

/// Presses on the first target, moves to the second and lets go there.
Work<> drag(Page& page, Compositor& compositor, Command& command, Aim from, Aim to);

/// Moves along a straight line, as fast as a page can see it.
Task<void> move_along(Compositor& compositor, Command& command, Target from, Target to);

/// The wheel distance that scrolls so many CSS pixels; `side` is that of the view in the same direction.
double axis_units(int pixels, int side);

/// Turns the wheel over the target, or over the middle of the viewport.
Work<> scroll(Page& page, Compositor& compositor, Command& command, Frame frame, browser::Scroll action);

}  // namespace driftstack::browser_webkit

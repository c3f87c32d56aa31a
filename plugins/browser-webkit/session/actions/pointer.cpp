#include "actions/pointer.hpp"

#include <algorithm>
#include <cmath>

namespace driftstack::browser_webkit {
namespace {

// The toolkit makes one line of ten axis units; the engine scrolls whole (side of the view)^(2/3) pixels per line, where the side is the
// height of the view for the vertical and its width for the horizontal. Measured; kept true by tests/browser.
constexpr double kAxisUnitsPerLine = 10;
constexpr double kFixedSteps = 256;  // wl_fixed_t has 8 fractional bits

// A first tap after a load took up to 100 ms to be seen; a page that is busy for longer than this has not taken the input.
constexpr std::chrono::seconds kAckPatience{10};

constexpr int kDragSteps = 10;
constexpr std::chrono::milliseconds kDragStep{17};  // a frame at 60 Hz

}  // namespace

double axis_units(int pixels, int side) {
  const double pixels_per_line = std::floor(std::pow(side, 2.0 / 3.0));
  // Rounded towards larger positions: the engine cuts fractions of a position off.
  return std::ceil(pixels * kAxisUnitsPerLine / pixels_per_line * kFixedSteps) / kFixedSteps;
}

Work<> tap_at(Page& page, Compositor& compositor, Command& command, Target target) {
  page.acks().reset();
  compositor.move_pointer(target.x, target.y);
  compositor.press_pointer(KeyState::pressed);
  compositor.press_pointer(KeyState::released);
  const Deadline until = SteadyClock::now() + kAckPatience;
  const bool seen = co_await page.acks().seen(command, InputKind::mouse_up, 1, until);
  if (!seen) co_return command.gave_up("the page did not take the tap");
  co_return Done();
}

Work<> tap(Page& page, Compositor& compositor, Command& command, Aim aim) {
  Outcome<Target> target = co_await locate(page, command, std::move(aim), Purpose::tap);
  if (!target) co_return std::move(target.failure());
  co_return co_await tap_at(page, compositor, command, *target);
}

Work<> hover(Page& page, Compositor& compositor, Command& command, Aim aim) {
  Outcome<Target> target = co_await locate(page, command, std::move(aim), Purpose::hover);
  if (!target) co_return std::move(target.failure());
  page.acks().reset();
  // From a pixel beside it: a pointer that is there already would not move, and the page would see nothing.
  compositor.move_pointer(std::max(target->x - 1, 0.0), target->y);
  compositor.move_pointer(target->x, target->y);
  const Deadline until = SteadyClock::now() + kAckPatience;
  const bool seen = co_await page.acks().seen(command, InputKind::mouse_move, 1, until);
  if (!seen) co_return command.gave_up("the page did not take the pointer");
  co_return Done();
}

// Pages begin a drag after some pixels, and look at what they pass.
Task<void> move_along(Compositor& compositor, Command& command, Target from, Target to) {
  for (int step = 1; step <= kDragSteps; ++step) {
    const double part = static_cast<double>(step) / kDragSteps;
    compositor.move_pointer(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part);
    co_await pause(command, kDragStep);  // a page sees one move per frame
  }
}

Work<> drag(Page& page, Compositor& compositor, Command& command, Aim from, Aim to) {
  Outcome<Target> source = co_await locate(page, command, std::move(from), Purpose::drag);
  if (!source) co_return std::move(source.failure());
  page.acks().reset();
  compositor.move_pointer(source->x, source->y);
  compositor.press_pointer(KeyState::pressed);
  const Deadline pressed_until = SteadyClock::now() + kAckPatience;
  const bool pressed = co_await page.acks().seen(command, InputKind::mouse_down, 1, pressed_until);
  Outcome<Target> goal = failure(FailureCode::timeout, "the page did not take the press");
  if (pressed) goal = co_await locate(page, command, std::move(to), Purpose::drop);
  if (goal) co_await move_along(compositor, command, *source, *goal);
  page.acks().reset();
  compositor.press_pointer(KeyState::released);
  if (!goal) co_return std::move(goal.failure());
  const Deadline until = SteadyClock::now() + kAckPatience;
  // The engine's own drag and drop ends with its events instead of the button's.
  while (SteadyClock::now() < until && page.acks().count(InputKind::mouse_up) + page.acks().count(InputKind::drag_end) == 0) {
    if (!co_await pause(command, kDragStep)) co_return command.gave_up("the page did not take the drag");
  }
  co_return Done();
}

Work<> scroll(Page& page, Compositor& compositor, Command& command, Frame frame, browser::Scroll action) {
  Target target;
  target.x = page.width() / 2.0;
  target.y = page.height() / 2.0;
  if (action.selector) {
    Aim aim;
    aim.frame = std::move(frame);
    aim.selector = *action.selector;
    Outcome<Target> located = co_await locate(page, command, std::move(aim), Purpose::scroll);
    if (!located) co_return std::move(located.failure());
    target = *located;
  }
  if (action.delta_x == 0 && action.delta_y == 0) co_return Done();
  page.acks().reset();
  compositor.move_pointer(target.x, target.y);
  compositor.turn_wheel(axis_units(action.delta_x, page.width()), axis_units(action.delta_y, page.height()));
  const Deadline until = SteadyClock::now() + kAckPatience;
  const bool seen = co_await page.acks().seen(command, InputKind::wheel, 1, until);
  if (!seen) co_return command.gave_up("the page did not take the scroll");
  co_return Done();
}

}  // namespace driftstack::browser_webkit

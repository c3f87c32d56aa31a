#include "actions/pointer.hpp"

#include <cmath>

namespace driftstack::browser_webkit {
namespace {

// The toolkit makes one line of ten axis units; the engine scrolls whole (side of the view)^(2/3) pixels per line, where the side is the
// height of the view for the vertical and its width for the horizontal. Measured; kept true by tests/browser.
constexpr double kAxisUnitsPerLine = 10;
constexpr double kFixedSteps = 256;  // wl_fixed_t has 8 fractional bits
double axis_units(int pixels, int side) {
  const double pixels_per_line = std::floor(std::pow(side, 2.0 / 3.0));
  // Rounded towards larger positions: the engine cuts fractions of a position off.
  return std::ceil(pixels * kAxisUnitsPerLine / pixels_per_line * kFixedSteps) / kFixedSteps;
}

// A first tap after a load took up to 100 ms to be seen; a page that is busy for longer than this has not taken the input.
constexpr std::chrono::seconds kAckPatience{10};

}  // namespace

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

Work<> tap(Page& page, Compositor& compositor, Command& command, std::string selector) {
  Outcome<Target> target = co_await locate(page, command, std::move(selector), Purpose::tap);
  if (!target) co_return std::move(target.failure());
  co_return co_await tap_at(page, compositor, command, *target);
}

Work<> scroll(Page& page, Compositor& compositor, Command& command, browser::Scroll action) {
  Target target;
  target.x = page.width() / 2.0;
  target.y = page.height() / 2.0;
  if (action.selector) {
    Outcome<Target> located = co_await locate(page, command, *action.selector, Purpose::scroll);
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

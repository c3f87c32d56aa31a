#include "view/hand_input.hpp"

#include "actions/pointer.hpp"

namespace driftstack::browser_webkit {
namespace {

// What a page without anything to hear the input needs at most; one that hears it answers sooner.
constexpr std::chrono::milliseconds kPatience{300};

/// Starts the work of each kind of input.
struct Begin {
  Page& page;
  Compositor& compositor;
  Keyboard& keyboard;
  Command& command;

  Work<> operator()(browser::TapAt& at) const { return tap(page, compositor, command, at); }
  Work<> operator()(browser::HoverAt& at) const { return hover(page, compositor, command, at); }
  Work<> operator()(browser::DragAt& at) const { return drag(page, compositor, command, at); }
  Work<> operator()(browser::ScrollAt& at) const { return scroll(page, compositor, command, at); }
  Work<> operator()(browser::TypeKeys& keys) const { return keyboard.type_at_focus(command, std::move(keys.text)); }
  Work<> operator()(browser::Press& key) const { return keyboard.press(command, std::move(key.key)); }
  Work<> operator()(browser::AnswerDialog& answer) const { return dialog(page, std::move(answer)); }

 private:
  static Work<> taken(Page& page, Command& command, InputKind kind) {
    const Deadline until = SteadyClock::now() + kPatience;
    co_await page.acks().seen(command, kind, 1, until);
    if (command.cancelled()) co_return command.gave_up("");
    co_return Done();
  }
  static Work<> tap(Page& page, Compositor& compositor, Command& command, browser::TapAt at) {
    page.acks().reset();
    compositor.move_pointer(at.x, at.y);
    compositor.press_pointer(KeyState::pressed);
    compositor.press_pointer(KeyState::released);
    co_return co_await taken(page, command, InputKind::mouse_up);
  }
  static Work<> hover(Page& page, Compositor& compositor, Command& command, browser::HoverAt at) {
    page.acks().reset();
    compositor.move_pointer(at.x, at.y);
    co_return co_await taken(page, command, InputKind::mouse_move);
  }
  static Work<> drag(Page& page, Compositor& compositor, Command& command, browser::DragAt at) {
    Target from, to;
    from.x = at.x;
    from.y = at.y;
    to.x = at.to_x;
    to.y = at.to_y;
    page.acks().reset();
    compositor.move_pointer(from.x, from.y);
    compositor.press_pointer(KeyState::pressed);
    co_await taken(page, command, InputKind::mouse_down);
    co_await move_along(compositor, command, from, to);
    page.acks().reset();
    compositor.press_pointer(KeyState::released);
    co_return co_await taken(page, command, InputKind::mouse_up);
  }
  static Work<> scroll(Page& page, Compositor& compositor, Command& command, browser::ScrollAt at) {
    page.acks().reset();
    compositor.move_pointer(at.x, at.y);
    compositor.turn_wheel(axis_units(at.delta_x, page.width()), axis_units(at.delta_y, page.height()));
    co_return co_await taken(page, command, InputKind::wheel);
  }
  static Work<> dialog(Page& page, browser::AnswerDialog answer) {
    page.dialogs().answer(std::move(answer));
    co_return Done();
  }
};

}  // namespace

Work<> hand_input(Page& page, Compositor& compositor, Keyboard& keyboard, Command& command, browser::Input input) {
  const Begin begin{page, compositor, keyboard, command};
  Work<> work = std::visit(begin, input);
  co_return co_await work;
}

}  // namespace driftstack::browser_webkit

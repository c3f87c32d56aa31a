#include "actions/interact.hpp"

#include "actions/form_controls.hpp"
#include "actions/pointer.hpp"
#include "actions/upload.hpp"

namespace driftstack::browser_webkit {
namespace {

Aim aim_at(const Frame& frame, std::string selector) {
  Aim aim;
  aim.frame = frame;
  aim.selector = std::move(selector);
  return aim;
}

/// Starts the work of each kind of action.
struct Begin {
  Page& page;
  Compositor& compositor;
  Keyboard& keyboard;
  Command& command;
  const Frame& frame;

  Work<> operator()(browser::Tap& action) const { return tap(page, compositor, command, aim_at(frame, std::move(action.selector))); }
  Work<> operator()(browser::TypeText& action) const { return keyboard.type(command, frame, std::move(action)); }
  Work<> operator()(browser::Scroll& action) const { return scroll(page, compositor, command, frame, std::move(action)); }
  Work<> operator()(browser::Press& action) const { return keyboard.press(command, std::move(action.key)); }
  Work<> operator()(browser::Hover& action) const { return hover(page, compositor, command, aim_at(frame, std::move(action.selector))); }
  Work<> operator()(browser::Select& action) const {
    return select_options(page, compositor, command, aim_at(frame, std::move(action.selector)), std::move(action.values));
  }
  Work<> operator()(browser::Clear& action) const { return keyboard.clear(command, aim_at(frame, std::move(action.selector))); }
  Work<> operator()(browser::Check& action) const {
    return check(page, compositor, command, aim_at(frame, std::move(action.selector)), action.checked);
  }
  Work<> operator()(browser::Upload& action) const {
    return upload(page, compositor, command, aim_at(frame, std::move(action.selector)), std::move(action.files));
  }
  Work<> operator()(browser::Drag& action) const {
    return drag(page, compositor, command, aim_at(frame, std::move(action.selector)), aim_at(frame, std::move(action.to_selector)));
  }
  Work<> operator()(browser::AnswerDialog& action) const { return answer(page, std::move(action)); }

 private:
  static Work<> answer(Page& page, browser::AnswerDialog action) {
    page.dialogs().answer(std::move(action));
    co_return Done();
  }
};

}  // namespace

Work<> interact(Page& page, Compositor& compositor, Keyboard& keyboard, Command& command, browser::Interact message) {
  if (!std::holds_alternative<browser::AnswerDialog>(message.action)) page.choosers().stop_expecting();
  Frame frame;
  if (message.frame_match) {
    Outcome<Frame> found = co_await frame_for(page.world(), command, std::move(message.frame_match));
    if (!found) co_return std::move(found.failure());
    frame = std::move(*found);
  }
  const Begin begin{page, compositor, keyboard, command, frame};
  Work<> work = std::visit(begin, message.action);
  co_return co_await work;
}

}  // namespace driftstack::browser_webkit

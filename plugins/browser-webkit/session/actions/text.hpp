#pragma once
// Type and press: real keys with acknowledgement. [main-thread]

#include "actions/locate.hpp"
#include "compositor/compositor.hpp"
#include "keyboard/key_map.hpp"

namespace driftstack::browser_webkit {

/// The keyboard of a session.
class Keyboard {
 public:
  Keyboard(Page& page, Compositor& compositor, KeyMap us) : page_(page), compositor_(compositor), us_(std::move(us)), current_(us_) {}
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  /// Focuses the target as a person would (a tap, unless it has the focus), then types at the caret.
  Work<> type(Command& command, Frame frame, browser::TypeText action);
  /// Types where the focus is.
  Work<> type_at_focus(Command& command, std::string text);
  /// Focuses the target and removes its text.
  Work<> clear(Command& command, Aim aim);
  /// Presses a named key or a character.
  Work<> press(Command& command, std::string key);
  /// Gives the keys to the target, as a person would: by a tap, unless it has them.
  Work<> focus(Command& command, Aim aim, Purpose purpose);

 private:
  Work<> type_characters(Command& command, std::u32string text, std::chrono::milliseconds delay);
  Work<> press_stroke(Command& command, KeyStroke stroke);
  /// Waits until the page saw that many keys go down and, if they come soon, up again.
  Task<bool> key_presses_seen(Command& command, unsigned presses);
  void send(KeyStroke stroke);
  bool prepare_for(std::u32string_view text);

  Page& page_;
  Compositor& compositor_;
  KeyMap us_;
  KeyMap current_;  // the us map plus what the running text needs
};

}  // namespace driftstack::browser_webkit

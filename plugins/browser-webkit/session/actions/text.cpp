#include "actions/text.hpp"

#include <algorithm>
#include <vector>

#include "actions/pointer.hpp"
#include "keyboard/unicode.hpp"

namespace driftstack::browser_webkit {
namespace {

// Keys in flight: few enough for the socket buffers between compositor and toolkit (each key is under 100 bytes on the way), enough to keep
// the page busy.
constexpr std::size_t kMostKeysInFlight = 16;
constexpr std::chrono::seconds kAckPatience{10};
// A key press that replaces the document (Enter in a form) may lose its key-up; the press itself was acknowledged.
constexpr std::chrono::milliseconds kKeyUpPatience{250};
constexpr std::chrono::milliseconds kFocusPatience{500};
constexpr std::chrono::milliseconds kClearPatience{500};

/// The shift key is an event of its own.
unsigned presses_of(KeyStroke stroke) { return stroke.shift ? 2 : 1; }

}  // namespace

Work<> Keyboard::focus(Command& command, Aim aim, Purpose purpose) {
  Outcome<Target> target = co_await locate(page_, command, aim, purpose);
  if (!target) co_return std::move(target.failure());
  if (target->focused) co_return Done();
  Outcome<> tapped = co_await tap_at(page_, compositor_, command, *target);
  if (!tapped) co_return tapped;
  const Deadline until = SteadyClock::now() + kFocusPatience;
  const bool takes_keys = co_await becomes(page_, command, std::move(aim), "takesKeys", until);
  if (takes_keys) co_return Done();
  co_return command.cancelled() ? command.gave_up("") : failure(FailureCode::timeout, "the target does not take text");
}

Work<> Keyboard::clear(Command& command, Aim aim) {
  Outcome<> focused = co_await focus(command, aim, Purpose::clear);
  if (!focused) co_return focused;
  const protocol::Empty nothing;
  Outcome<Ready> marked = co_await page_.world().call_in<Ready>(aim.frame, command, "selectContents", nothing, command.deadline());
  if (!marked) co_return std::move(marked.failure());
  Outcome<> pressed = co_await press(command, "Delete");
  if (!pressed) co_return pressed;
  const Deadline until = SteadyClock::now() + kClearPatience;
  const bool empty = co_await becomes(page_, command, std::move(aim), "isEmpty", until);
  if (!empty) co_return command.cancelled() ? command.gave_up("") : failure(FailureCode::timeout, "the target keeps its text");
  co_return Done();
}

Work<> Keyboard::type(Command& command, Frame frame, browser::TypeText action) {
  const std::optional<std::u32string> text = to_code_points(action.text);
  if (!text || !is_typeable(*text)) co_return failure(FailureCode::bad_request, "the text holds a character that no key makes");
  Aim aim;
  aim.frame = std::move(frame);
  aim.selector = action.selector;
  Outcome<> focused = co_await focus(command, std::move(aim), Purpose::type);
  if (!focused) co_return focused;
  const std::chrono::milliseconds delay(action.delay_ms);
  co_return co_await type_characters(command, *text, delay);
}

Work<> Keyboard::type_at_focus(Command& command, std::string text) {
  std::optional<std::u32string> characters = to_code_points(text);
  if (!characters || !is_typeable(*characters)) co_return failure(FailureCode::bad_request, "the text holds a character that no key makes");
  const protocol::Empty nothing;
  Outcome<Ready> armed = co_await page_.world().call<Ready>(command, "arm", nothing, command.deadline());
  if (!armed) co_return std::move(armed.failure());
  const std::chrono::milliseconds no_delay(0);
  co_return co_await type_characters(command, std::move(*characters), no_delay);
}

Work<> Keyboard::type_characters(Command& command, std::u32string text, std::chrono::milliseconds delay) {
  std::u32string_view rest = text;
  const std::size_t batch = delay.count() > 0 ? 1 : kMostKeysInFlight;
  while (!rest.empty()) {
    const std::u32string_view part = rest.substr(0, batch);
    rest.remove_prefix(part.size());
    if (!prepare_for(part)) co_return failure(FailureCode::internal, "no keymap could be made for the text");
    page_.acks().reset();
    unsigned presses = 0;
    for (const char32_t character : part) {
      const KeyStroke stroke = *current_.find(character);
      send(stroke);
      presses += presses_of(stroke);
    }
    const bool seen = co_await key_presses_seen(command, presses);
    if (!seen) co_return command.gave_up("the page did not take the text");
    if (delay.count() > 0 && !rest.empty() && !co_await pause(command, delay))
      co_return command.gave_up("the text was too long for its time");
  }
  co_return Done();
}

/// Puts characters that the current map lacks on spare keys. A map serves as long as it can: changing it is work for the toolkit.
bool Keyboard::prepare_for(std::u32string_view text) {
  std::vector<char32_t> missing;
  for (const char32_t character : text) {
    if (!us_.find(character) && std::find(missing.begin(), missing.end(), character) == missing.end()) missing.push_back(character);
  }
  const bool all_there = std::all_of(text.begin(), text.end(), [&](char32_t c) { return current_.find(c).has_value(); });
  if (all_there) return true;
  std::optional<KeyMap> map = us_.with(missing);
  if (!map) return false;
  current_ = std::move(*map);
  compositor_.set_keymap(current_.text());
  return std::all_of(text.begin(), text.end(), [&](char32_t c) { return current_.find(c).has_value(); });
}

void Keyboard::send(KeyStroke stroke) {
  if (stroke.shift) {
    compositor_.key(kShiftCode, KeyState::pressed);
    compositor_.set_modifiers(kShiftMask);
  }
  compositor_.key(stroke.evdev_code, KeyState::pressed);
  compositor_.key(stroke.evdev_code, KeyState::released);
  if (stroke.shift) {
    compositor_.key(kShiftCode, KeyState::released);
    compositor_.set_modifiers(0);
  }
}

Task<bool> Keyboard::key_presses_seen(Command& command, unsigned presses) {
  const Deadline down_until = SteadyClock::now() + kAckPatience;
  if (!co_await page_.acks().seen(command, InputKind::key_down, presses, down_until)) co_return false;
  const Deadline up_until = SteadyClock::now() + kKeyUpPatience;
  co_await page_.acks().seen(command, InputKind::key_up, presses, up_until);
  co_return !command.cancelled();
}

Work<> Keyboard::press(Command& command, std::string key) {
  if (const std::optional<KeyStroke> named = KeyMap::find_named(key)) co_return co_await press_stroke(command, *named);
  const std::optional<std::u32string> text = to_code_points(key);
  if (!text || text->size() != 1 || !is_typeable(*text)) {
    co_return failure(FailureCode::bad_request, "there is no key with this name");
  }
  if (!prepare_for(*text)) co_return failure(FailureCode::internal, "no keymap could be made for the key");
  const KeyStroke stroke = *current_.find(text->front());
  co_return co_await press_stroke(command, stroke);
}

Work<> Keyboard::press_stroke(Command& command, KeyStroke stroke) {
  const protocol::Empty nothing;
  Outcome<Ready> armed = co_await page_.world().call<Ready>(command, "arm", nothing, command.deadline());
  if (!armed) co_return std::move(armed.failure());
  page_.acks().reset();
  send(stroke);
  const bool seen = co_await key_presses_seen(command, presses_of(stroke));
  if (!seen) co_return command.gave_up("the page did not take the key");
  co_return Done();
}

}  // namespace driftstack::browser_webkit

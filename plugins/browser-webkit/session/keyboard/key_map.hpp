#pragma once
// Which key makes which character. The seat has an XKB "us" keymap; characters that no key makes are put on its unused keys for a while,
// so that every character of every script is a real key press.

#include <cstdint>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct xkb_keymap;

namespace driftstack::browser_webkit {

struct KeyStroke {
  std::uint32_t evdev_code = 0;
  bool shift = false;
  friend bool operator==(const KeyStroke&, const KeyStroke&) = default;
};

/// Key code of the left shift key and its modifier bit in the maps made here.
inline constexpr std::uint32_t kShiftCode = 42;  // KEY_LEFTSHIFT, linux/input-event-codes.h
inline constexpr std::uint32_t kShiftMask = 1;   // first real modifier of XKB

/// A keymap in text form together with the way back from characters to keys. Value type.
class KeyMap {
 public:
  /// The plain map. Nothing when the XKB data files are missing.
  static std::optional<KeyMap> us();
  /// The plain map with `characters` on unused keys; as many as there is room for, see `room()`.
  std::optional<KeyMap> with(std::span<const char32_t> characters) const;
  /// How many characters `with` can place.
  std::size_t room() const { return unused_codes_.size(); }

  /// The stroke that makes this character; line feed is Enter, tab is Tab.
  std::optional<KeyStroke> find(char32_t character) const;
  /// The key with this name of the UI Events specification (`Enter`, `ArrowDown`, `F5`); nothing for an unknown name.
  static std::optional<KeyStroke> find_named(std::string_view name);

  /// For wl_keyboard.keymap.
  const std::string& text() const { return text_; }

 private:
  explicit KeyMap(std::string text) : text_(std::move(text)) {}
  static std::optional<KeyMap> compile(std::string text);
  void index(xkb_keymap* keymap);

  std::string text_;
  std::vector<std::pair<char32_t, KeyStroke>> strokes_;              // sorted by character
  std::vector<std::pair<std::uint32_t, std::string>> unused_codes_;  // XKB key code and key name
};

}  // namespace driftstack::browser_webkit

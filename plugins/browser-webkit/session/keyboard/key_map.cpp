#include "key_map.hpp"

#include <linux/input-event-codes.h>
#include <xkbcommon/xkbcommon.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace driftstack::browser_webkit {
namespace {

constexpr std::uint32_t kEvdevOffset = 8;       // XKB key codes are evdev codes plus 8
constexpr std::uint32_t kLastLegacyCode = 255;  // toolkits keep key codes in one byte in places

static_assert(kShiftCode == KEY_LEFTSHIFT);

struct ContextDeleter {
  void operator()(xkb_context* context) const { xkb_context_unref(context); }
};
struct KeymapDeleter {
  void operator()(xkb_keymap* keymap) const { xkb_keymap_unref(keymap); }
};
using ContextPtr = std::unique_ptr<xkb_context, ContextDeleter>;
using KeymapPtr = std::unique_ptr<xkb_keymap, KeymapDeleter>;

struct NamedKey {
  std::string_view name;
  std::uint32_t evdev_code;
};

// UI Events KeyboardEvent key Values, the part that a plain keyboard has.
constexpr std::array kNamedKeys = {
    NamedKey{"Enter", KEY_ENTER},    NamedKey{"Tab", KEY_TAB},
    NamedKey{"Escape", KEY_ESC},     NamedKey{"Backspace", KEY_BACKSPACE},
    NamedKey{"Delete", KEY_DELETE},  NamedKey{"Insert", KEY_INSERT},
    NamedKey{"Home", KEY_HOME},      NamedKey{"End", KEY_END},
    NamedKey{"PageUp", KEY_PAGEUP},  NamedKey{"PageDown", KEY_PAGEDOWN},
    NamedKey{"ArrowUp", KEY_UP},     NamedKey{"ArrowDown", KEY_DOWN},
    NamedKey{"ArrowLeft", KEY_LEFT}, NamedKey{"ArrowRight", KEY_RIGHT},
    NamedKey{"Space", KEY_SPACE},    NamedKey{"F1", KEY_F1},
    NamedKey{"F2", KEY_F2},          NamedKey{"F3", KEY_F3},
    NamedKey{"F4", KEY_F4},          NamedKey{"F5", KEY_F5},
    NamedKey{"F6", KEY_F6},          NamedKey{"F7", KEY_F7},
    NamedKey{"F8", KEY_F8},          NamedKey{"F9", KEY_F9},
    NamedKey{"F10", KEY_F10},        NamedKey{"F11", KEY_F11},
    NamedKey{"F12", KEY_F12},
};

/// The key types of the us map whose second level is shift.
constexpr xkb_level_index_t kPlainLevel = 0;
constexpr xkb_level_index_t kShiftLevel = 1;

KeymapPtr compile_text(xkb_context* context, const std::string& text) {
  return KeymapPtr(xkb_keymap_new_from_string(context, text.c_str(), XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS));
}

}  // namespace

std::optional<KeyMap> KeyMap::us() {
  const ContextPtr context(xkb_context_new(XKB_CONTEXT_NO_FLAGS));
  if (!context) return std::nullopt;
  const xkb_rule_names names = {"evdev", "pc105", "us", "", ""};
  const KeymapPtr keymap(xkb_keymap_new_from_names(context.get(), &names, XKB_KEYMAP_COMPILE_NO_FLAGS));
  if (!keymap) return std::nullopt;
  char* text = xkb_keymap_get_as_string(keymap.get(), XKB_KEYMAP_FORMAT_TEXT_V1);
  if (text == nullptr) return std::nullopt;
  KeyMap map{std::string(text)};
  std::free(text);
  map.index(keymap.get());
  return map;
}

std::optional<KeyMap> KeyMap::with(std::span<const char32_t> characters) const {
  const std::size_t count = std::min(characters.size(), unused_codes_.size());
  std::string keys;
  for (std::size_t i = 0; i < count; ++i) {
    std::array<char, 64> line{};
    std::snprintf(line.data(), line.size(), "\tkey <%s> { [ U%04X ] };\n", unused_codes_[i].second.c_str(),
                  static_cast<unsigned>(characters[i]));
    keys += line.data();
  }
  const std::size_t symbols = text_.find("xkb_symbols");
  const std::size_t end = symbols == std::string::npos ? symbols : text_.find("\n};", symbols);
  if (end == std::string::npos) return std::nullopt;
  std::string text = text_;
  text.insert(end + 1, keys);
  return compile(std::move(text));
}

std::optional<KeyMap> KeyMap::compile(std::string text) {
  const ContextPtr context(xkb_context_new(XKB_CONTEXT_NO_FLAGS));
  if (!context) return std::nullopt;
  const KeymapPtr keymap = compile_text(context.get(), text);
  if (!keymap) return std::nullopt;
  KeyMap map(std::move(text));
  map.index(keymap.get());
  return map;
}

void KeyMap::index(xkb_keymap* keymap) {
  for (xkb_keycode_t code = xkb_keymap_min_keycode(keymap); code <= std::min(xkb_keymap_max_keycode(keymap), kLastLegacyCode); ++code) {
    const char* name = xkb_keymap_key_get_name(keymap, code);
    if (name == nullptr) continue;
    if (xkb_keymap_num_layouts_for_key(keymap, code) == 0) {
      unused_codes_.emplace_back(code, name);
      continue;
    }
    for (const xkb_level_index_t level : {kPlainLevel, kShiftLevel}) {
      const xkb_keysym_t* symbols = nullptr;
      if (xkb_keymap_key_get_syms_by_level(keymap, code, 0, level, &symbols) != 1) continue;
      const bool is_keypad = symbols[0] >= XKB_KEY_KP_Space && symbols[0] <= XKB_KEY_KP_9;
      const char32_t character = xkb_keysym_to_utf32(symbols[0]);
      if (is_keypad || character < U' ' || character == 0x7f) continue;
      strokes_.emplace_back(character, KeyStroke{code - kEvdevOffset, level == kShiftLevel});
    }
  }
  // The first key wins: a later one may be a second key for the same character on an extended keyboard.
  std::stable_sort(strokes_.begin(), strokes_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
}

std::optional<KeyStroke> KeyMap::find(char32_t character) const {
  if (character == U'\n') return find_named("Enter");
  if (character == U'\t') return find_named("Tab");
  const auto at = std::lower_bound(strokes_.begin(), strokes_.end(), character,
                                   [](const auto& entry, char32_t wanted) { return entry.first < wanted; });
  if (at == strokes_.end() || at->first != character) return std::nullopt;
  return at->second;
}

std::optional<KeyStroke> KeyMap::find_named(std::string_view name) {
  const auto* at = std::find_if(kNamedKeys.begin(), kNamedKeys.end(), [&](const NamedKey& key) { return key.name == name; });
  if (at == kNamedKeys.end()) return std::nullopt;
  return KeyStroke{at->evdev_code, false};
}

}  // namespace driftstack::browser_webkit

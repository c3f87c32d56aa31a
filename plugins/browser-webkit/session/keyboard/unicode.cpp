#include "keyboard/unicode.hpp"

#include <algorithm>
#include <array>

#include "driftstack/support/utf8.hpp"

namespace driftstack::browser_webkit {

std::optional<std::u32string> to_code_points(std::string_view utf8) {
  constexpr std::array<unsigned char, 5> kLeadBits = {0, 0x7f, 0x1f, 0x0f, 0x07};  // payload of a sequence's first byte, by length
  std::u32string result;
  result.reserve(utf8.size());
  while (!utf8.empty()) {
    const std::size_t length = utf8_sequence_length(utf8);
    if (length == 0) return std::nullopt;
    char32_t point = static_cast<unsigned char>(utf8[0]) & kLeadBits[length];
    for (std::size_t i = 1; i < length; ++i) point = (point << 6) | (static_cast<unsigned char>(utf8[i]) & 0x3f);
    result.push_back(point);
    utf8.remove_prefix(length);
  }
  return result;
}

bool is_typeable(std::u32string_view text) {
  return std::all_of(text.begin(), text.end(), [](char32_t c) {
    if (c == U'\n' || c == U'\t') return true;
    const bool is_control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    return !is_control;
  });
}

}  // namespace driftstack::browser_webkit

#pragma once
// Text as code points: what the keyboard works with.

#include <optional>
#include <string>
#include <string_view>

namespace driftstack::browser_webkit {

/// Nothing for text that is no UTF-8.
std::optional<std::u32string> to_code_points(std::string_view utf8);

/// True when every code point is a character that a key can make: no control characters but line feed and tab, no surrogates.
bool is_typeable(std::u32string_view text);

}  // namespace driftstack::browser_webkit

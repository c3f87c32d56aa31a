/// Base64 (RFC 4648): the standard alphabet with padding, and the URL-safe alphabet without.
///
/// Thread: [any-thread]. Errors: decoding is strict and answers nothing for any other character, missing or extra padding, white space, or
/// bits left over that are not zero, so that one value has one spelling.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace driftstack {

/// Section 4: `+` and `/`, padded with `=`.
void append_base64(std::string& out, std::string_view bytes);
[[nodiscard]] std::string base64_encode(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

/// Section 5: `-` and `_`, never padded.
void append_base64url(std::string& out, std::string_view bytes);
[[nodiscard]] std::string base64url_encode(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace driftstack

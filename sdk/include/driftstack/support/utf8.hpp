/// Strict UTF-8 (RFC 3629) and the few text operations that count characters.
///
/// Thread: [any-thread]. Allocation: none. Errors: none; broken text is reported, never repaired here.
#pragma once

#include <cstddef>
#include <string_view>

namespace driftstack {

/// Bytes of the well-formed sequence at the start of `text`: 1 to 4, or 0 if there is none. Overlong forms, surrogates and values above
/// U+10FFFF are not well formed.
[[nodiscard]] std::size_t utf8_sequence_length(std::string_view text) noexcept;

[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

/// Code points of valid UTF-8.
[[nodiscard]] std::size_t count_code_points(std::string_view text) noexcept;

/// The longest start of valid `text` with at most `bytes` bytes that does not cut a character.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t bytes) noexcept;

/// Without white space at both ends: what ECMAScript's `trim` cuts, line ends and Unicode spaces included.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

}  // namespace driftstack

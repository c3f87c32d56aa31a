/// Hexadecimal text of bytes, as in digests and fingerprints.
///
/// Thread: [any-thread]. Errors: decoding answers nothing for an odd length or any other character. Both cases are read, lower case is
/// written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace driftstack {

void append_hex(std::string& out, std::string_view bytes);
[[nodiscard]] std::string hex_encode(std::string_view bytes);
[[nodiscard]] std::optional<std::string> hex_decode(std::string_view text);

}  // namespace driftstack

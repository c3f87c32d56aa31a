#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/result.hpp"

namespace driftstack::kernel {

/// Errc::internal with the path in front.
Error key_file_error(const std::string& path, const std::string& what);

enum class KeyFilePrivacy : std::uint8_t { secret, open };

/// The text of a small file of this user (or root's) without its line end; nothing when it does not exist. A secret one must be of mode
/// 0600 or 0400. Links are not followed.
Result<std::optional<std::string>> read_key_file(const std::string& path, KeyFilePrivacy privacy);

/// Writes a line to a file that did not exist before, so that it is there complete and durable or not at all. Mode 0600.
Result<> make_key_file(const std::string& directory, std::string_view name, std::string_view text);

/// The same in the place of a file that may exist.
Result<> replace_key_file(const std::string& directory, std::string_view name, std::string_view text);

}  // namespace driftstack::kernel

#pragma once

#include <string>
#include <string_view>

namespace driftstack::kernel {

/// What stands where a secret was.
inline constexpr std::string_view kRedacted = "[redacted]";

/// True for names of headers, fields and query parameters whose values are secrets: authorization, cookie, password, token and their kin.
/// Compared without case; `-` and `_` are the same.
bool is_secret_name(std::string_view name) noexcept;

/// Appends `text` to `out` without its secrets: credentials by their prefix (ds_live_, oat_, whsec_ ...), what follows `Bearer` and
/// `Basic`, user info in URLs, and the values of secret names in headers, query strings and JSON. The one redactor for everything that
/// leaves the process by another way than to the owner of the secret. [any-thread]
void append_redacted(std::string& out, std::string_view text);

inline std::string redacted(std::string_view text) {
  std::string out;
  append_redacted(out, text);
  return out;
}

}  // namespace driftstack::kernel

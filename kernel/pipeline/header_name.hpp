#pragma once
// Comparing header names: ASCII, without case (RFC 9110 section 5.1).

#include <string_view>

namespace driftstack::kernel {

/// `lower` must be lower case.
constexpr bool same_header(std::string_view name, std::string_view lower) noexcept {
  if (name.size() != lower.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) return false;
  }
  return true;
}

constexpr bool header_starts_with(std::string_view name, std::string_view lower) noexcept {
  return name.size() >= lower.size() && same_header(name.substr(0, lower.size()), lower);
}

}  // namespace driftstack::kernel

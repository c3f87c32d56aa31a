#include "target_url.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace driftstack::sessions {
namespace {

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool has_space_or_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

// The part behind `scheme://`; empty for any other scheme or spelling.
std::string_view after_scheme(std::string_view text) noexcept {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (text.size() <= scheme.size()) continue;
    const auto same = [](char given, char wanted) { return (given >= 'A' && given <= 'Z' ? given + 32 : given) == wanted; };
    if (std::equal(scheme.begin(), scheme.end(), text.begin(), [&](char wanted, char given) { return same(given, wanted); })) {
      return text.substr(scheme.size());
    }
  }
  return {};
}

bool is_port(std::string_view text) noexcept {
  if (text.empty()) return true;  // `http://host:/` is allowed, RFC 3986 section 3.2.3
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_bracketed_address(std::string_view text) noexcept {
  return text.size() >= 2 && std::all_of(text.begin(), text.end(), [](char c) { return is_hex(c) || c == ':' || c == '.'; });
}

// Forbidden host code points of the WHATWG URL standard, and `%`.
bool is_host(std::string_view text) noexcept { return !text.empty() && text.find_first_of("#/:<>?@[\\]^|%") == std::string_view::npos; }

bool is_authority(std::string_view authority) noexcept {
  if (authority.find('@') != std::string_view::npos) return false;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos || !is_bracketed_address(authority.substr(1, close - 1))) return false;
    const std::string_view rest = authority.substr(close + 1);
    return rest.empty() || (rest[0] == ':' && is_port(rest.substr(1)));
  }
  const std::size_t colon = std::min(authority.find(':'), authority.size());
  return is_host(authority.substr(0, colon)) && (colon == authority.size() || is_port(authority.substr(colon + 1)));
}

}  // namespace

std::optional<TargetUrl> TargetUrl::from_text(std::string_view text) {
  if (has_space_or_control(text)) return std::nullopt;
  const std::string_view rest = after_scheme(text);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (!is_authority(authority)) return std::nullopt;
  return TargetUrl(text);
}

}  // namespace driftstack::sessions

#include "driftstack/support/pattern.hpp"

#include <algorithm>

namespace driftstack {
namespace {

constexpr std::size_t kCodeDigits = 6;  // RFC 6238 section 5.2 leaves it open; every authenticator shows six

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_visible(char c) noexcept { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F; }

bool is_domain(std::string_view text) noexcept {
  std::size_t labels = 0;
  for (;;) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    if (dot == 0) return false;
    ++labels;
    if (dot == text.size()) return labels >= 2;
    text.remove_prefix(dot + 1);
  }
}

bool starts_with_folded(std::string_view text, std::string_view lower) noexcept {
  if (text.size() < lower.size()) return false;
  return std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char want, char c) { return want == c || (is_upper(c) && want == c - 'A' + 'a'); });
}

}  // namespace

bool matches_slug(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

bool matches_kebab(std::string_view text) noexcept {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool matches_email(std::string_view text) noexcept {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || !std::all_of(text.begin(), text.end(), is_visible)) return false;
  const std::string_view domain = text.substr(at + 1);
  return domain.find('@') == std::string_view::npos && is_domain(domain);
}

bool matches_http_url(std::string_view text) noexcept {
  if (starts_with_folded(text, "http://")) {
    text.remove_prefix(7);
  } else if (starts_with_folded(text, "https://")) {
    text.remove_prefix(8);
  } else {
    return false;
  }
  if (text.empty() || text[0] == '/' || text[0] == '?' || text[0] == '#') return false;
  return std::all_of(text.begin(), text.end(), is_visible);
}

bool matches_six_digits(std::string_view text) noexcept {
  return text.size() == kCodeDigits && std::all_of(text.begin(), text.end(), is_digit);
}

bool matches_base64url(std::string_view text) noexcept {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '_'; });
}

}  // namespace driftstack

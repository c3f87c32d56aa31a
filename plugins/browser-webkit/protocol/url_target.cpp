#include "url_target.hpp"

#include <charconv>

namespace driftstack::browser_webkit {
namespace {

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "http" || scheme == "ws") return 80;
  if (scheme == "https" || scheme == "wss") return 443;
  return 0;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

/// `host`, `host:port`, `[v6]` or `[v6]:port` into the target.
bool parse_authority(std::string_view text, UrlTarget& target) {
  std::string_view port_text;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    target.host = lower(text.substr(1, end - 1));
    text.remove_prefix(end + 1);
    if (!text.empty() && text.front() != ':') return false;
    port_text = text.empty() ? text : text.substr(1);
  } else {
    const std::size_t colon = text.find(':');
    target.host = lower(text.substr(0, colon));
    if (colon != std::string_view::npos) port_text = text.substr(colon + 1);
  }
  return !target.host.empty() && (port_text.empty() || parse_port(port_text, target.port));
}

}  // namespace

std::optional<UrlTarget> parse_target(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
  UrlTarget target;
  target.scheme = lower(url.substr(0, colon));
  target.port = default_port(target.scheme);
  std::string_view rest = url.substr(colon + 1);
  if (!rest.starts_with("//")) return target;
  rest.remove_prefix(2);
  rest = rest.substr(0, rest.find_first_of("/?#\\"));
  const std::size_t at = rest.find_last_of('@');
  if (at != std::string_view::npos) rest.remove_prefix(at + 1);
  if (!parse_authority(rest, target)) return std::nullopt;
  return target;
}

std::optional<UrlTarget> parse_host_and_port(std::string_view text) {
  UrlTarget target;
  if (!parse_authority(text, target) || target.port == 0) return std::nullopt;
  return target;
}

}  // namespace driftstack::browser_webkit

#include "address_policy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "driftstack/support/json.hpp"

namespace driftstack::browser_webkit {
namespace {

struct Ipv4Range {
  std::uint32_t network;
  int prefix;
};

constexpr std::uint32_t ipv4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) { return a << 24 | b << 16 | c << 8 | d; }

// IANA IPv4 Special-Purpose Address Registry: everything that is not globally reachable, and multicast.
constexpr std::array kPrivateIpv4 = {
    Ipv4Range{ipv4(0, 0, 0, 0), 8},      Ipv4Range{ipv4(10, 0, 0, 0), 8},     Ipv4Range{ipv4(100, 64, 0, 0), 10},
    Ipv4Range{ipv4(127, 0, 0, 0), 8},    Ipv4Range{ipv4(169, 254, 0, 0), 16}, Ipv4Range{ipv4(172, 16, 0, 0), 12},
    Ipv4Range{ipv4(192, 0, 0, 0), 24},   Ipv4Range{ipv4(192, 0, 2, 0), 24},   Ipv4Range{ipv4(192, 88, 99, 0), 24},
    Ipv4Range{ipv4(192, 168, 0, 0), 16}, Ipv4Range{ipv4(198, 18, 0, 0), 15},  Ipv4Range{ipv4(198, 51, 100, 0), 24},
    Ipv4Range{ipv4(203, 0, 113, 0), 24}, Ipv4Range{ipv4(224, 0, 0, 0), 3},
};

// The same ranges as the content filter wants them: expressions without alternation, on the URL in the engine's spelling.
constexpr std::string_view kRestOfIpv4 = R"((\.[0-9]+)+[:/])";
constexpr std::array<std::string_view, 18> kPrivateIpv4Patterns = {
    R"(0)",           R"(10)",       R"(100\.6[4-9])", R"(100\.[7-9][0-9])", R"(100\.1[01][0-9])", R"(100\.12[0-7])",
    R"(127)",         R"(169\.254)", R"(172\.1[6-9])", R"(172\.2[0-9])",     R"(172\.3[01])",      R"(192\.0\.[02])",
    R"(192\.88\.99)", R"(192\.168)", R"(198\.1[89])",  R"(198\.51\.100)",    R"(203\.0\.113)",     R"(2[2-5][0-9])",
};
constexpr std::array<std::string_view, 7> kPrivateIpv6Patterns = {
    R"(\[[^23])",                        // outside of 2000::/3
    R"(\[[0-9a-f][0-9a-f]?[0-9a-f]?:)",  // the same, first group shorter than four digits
    R"(\[2002:)",                        // 6to4
    R"(\[2001::)",                       // 2001::/23, four spellings
    R"(\[2001:[0-9a-f][0-9a-f]?:)",
    R"(\[2001:1[0-9a-f][0-9a-f]:)",
    R"(\[2001:db8:)",  // documentation
};
// Local names. `[:/]` ends the host.
constexpr std::array<std::string_view, 6> kLocalNamePatterns = {
    R"(localhost\.?[:/])",        R"([^/@]*\.localhost\.?[:/])", R"([^/@]*\.local\.?[:/])",
    R"([^/@]*\.internal\.?[:/])", R"([^/@]*\.lan\.?[:/])",       R"([^/@]*\.home\.arpa\.?[:/])",
};
constexpr std::string_view kAnyScheme = "^[a-z]+";
constexpr std::string_view kAfterScheme = R"(://([^/]*@)?)";

bool in_range(std::uint32_t address, const Ipv4Range& range) { return (address ^ range.network) >> (32 - range.prefix) == 0; }

bool is_public_ipv4(std::uint32_t address) {
  return std::none_of(kPrivateIpv4.begin(), kPrivateIpv4.end(), [&](const Ipv4Range& range) { return in_range(address, range); });
}

/// Only 2000::/3 is given out for public use; of it, 2001::/23 (Teredo and protocol assignments), 2001:db8::/32 (documentation) and
/// 2002::/16 (carries IPv4 addresses) are not for hosts. IPv4-mapped and NAT64 addresses lie outside of 2000::/3.
bool is_public_ipv6(const in6_addr& address) {
  const std::uint8_t* b = address.s6_addr;
  if ((b[0] & 0xe0) != 0x20) return false;
  const unsigned first = static_cast<unsigned>(b[0] << 8 | b[1]);
  const unsigned second = static_cast<unsigned>(b[2] << 8 | b[3]);
  if (first == 0x2002) return false;
  if (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) return false;
  return true;
}

/// A host of digits, dots, colons or hexadecimal marks is meant as an address in some spelling.
bool looks_numeric(std::string_view host) {
  const std::size_t last_dot = host.find_last_of('.', host.size() - (host.ends_with('.') ? 2 : 1));
  const std::string_view last = last_dot == std::string_view::npos ? host : host.substr(last_dot + 1);
  return !last.empty() && last.front() >= '0' && last.front() <= '9';
}

bool is_local_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host == "localhost") return true;
  constexpr std::array<std::string_view, 5> kSuffixes = {".localhost", ".local", ".internal", ".lan", ".home.arpa"};
  return std::any_of(kSuffixes.begin(), kSuffixes.end(), [&](std::string_view suffix) { return host.ends_with(suffix); });
}

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
    target.is_ipv6_literal = true;
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

std::string escape_pattern(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
    if (!plain) result.push_back('\\');
    result.push_back(c);
  }
  return result;
}

void append_rule(std::string& json, std::string_view scheme, std::string_view pattern, std::string_view action) {
  json += json.empty() ? "[" : ",";
  json += R"({"trigger":{"url-filter":)";
  wire::append_json_string(json, std::string(scheme).append(kAfterScheme).append(pattern));
  json += R"(},"action":{"type":")";
  json += action;
  json += R"("}})";
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

bool is_public_address(std::string_view address) {
  const std::string text(address);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return is_public_ipv4(ntohl(v4.s_addr));
  in6_addr v6{};
  return inet_pton(AF_INET6, text.c_str(), &v6) == 1 && is_public_ipv6(v6);
}

std::optional<AddressPolicy> AddressPolicy::make(const std::vector<std::string>& allowed) {
  AddressPolicy policy;
  for (const std::string& text : allowed) {
    UrlTarget target;
    if (!parse_authority(text, target) || target.port == 0) return std::nullopt;
    policy.allowed_.push_back(Entry{target.host, target.port, target.is_ipv6_literal});
  }
  return policy;
}

Verdict AddressPolicy::check_navigation(std::string_view url) const {
  const std::optional<UrlTarget> target = parse_target(url);
  if (!target) return Verdict::refuse;
  if (target->scheme == "about" || target->scheme == "data" || target->scheme == "blob") return Verdict::allow;
  if (target->scheme != "http" && target->scheme != "https") return Verdict::refuse;
  if (target->host.empty()) return Verdict::refuse;
  const bool named = std::any_of(allowed_.begin(), allowed_.end(), [&](const Entry& entry) {
    return entry.host == target->host && entry.port == target->port && entry.is_ipv6 == target->is_ipv6_literal;
  });
  if (named) return Verdict::allow;
  if (target->is_ipv6_literal || looks_numeric(target->host)) {
    return is_public_address(target->host) ? Verdict::allow : Verdict::refuse;
  }
  return is_local_name(target->host) ? Verdict::refuse : Verdict::resolve;
}

std::string AddressPolicy::content_filter_json() const {
  constexpr std::string_view kBlock = "block";
  constexpr std::string_view kPermit = "ignore-previous-rules";
  std::string json;
  for (const std::string_view pattern : kPrivateIpv4Patterns) {
    append_rule(json, kAnyScheme, std::string(pattern).append(kRestOfIpv4), kBlock);
  }
  for (const std::string_view pattern : kPrivateIpv6Patterns) append_rule(json, kAnyScheme, pattern, kBlock);
  for (const std::string_view pattern : kLocalNamePatterns) append_rule(json, kAnyScheme, pattern, kBlock);
  for (const Entry& entry : allowed_) {
    const std::string host = entry.is_ipv6 ? "\\[" + escape_pattern(entry.host) + "\\]" : escape_pattern(entry.host);
    append_rule(json, kAnyScheme, host + ":" + std::to_string(entry.port) + "/", kPermit);
    // The engine leaves a scheme's own port out of the URL.
    for (const std::string_view scheme : {"http", "ws", "https", "wss"}) {
      if (default_port(scheme) == entry.port) append_rule(json, "^" + std::string(scheme), host + "/", kPermit);
    }
  }
  json += "]";
  return json;
}

}  // namespace driftstack::browser_webkit

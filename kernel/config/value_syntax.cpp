#include "kernel/config/value_syntax.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace driftstack::kernel {
namespace {

template <std::size_t N>
std::optional<std::int64_t> parse_with_unit(std::string_view text, const std::array<std::pair<std::string_view, std::int64_t>, N>& units) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || text.front() == '-') return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, factor] : units) {
    if (unit != name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
    return number * factor;
  }
  return std::nullopt;
}

template <typename T>
std::optional<T> parse_decimal(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_host_name(std::string_view host) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), allowed);  // 253: RFC 1035 section 2.3.4
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_scheme(std::string_view scheme) {  // RFC 3986 section 3.1
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto tail = [&letter](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
  return !scheme.empty() && letter(scheme.front()) && std::all_of(scheme.begin(), scheme.end(), tail);
}

bool host_bits_are_zero(const AddressRange& range) {
  const int bits = range.v6 ? 128 : 32;
  for (int bit = range.prefix; bit < bits; ++bit) {
    if ((range.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
      {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 24 * 3600 * 1000}}};
  const auto count = parse_with_unit(text, kUnits);
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(*count);
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{{{"B", 1},
                                                                                    {"KiB", std::int64_t{1} << 10},
                                                                                    {"MiB", std::int64_t{1} << 20},
                                                                                    {"GiB", std::int64_t{1} << 30},
                                                                                    {"TiB", std::int64_t{1} << 40}}};
  return parse_with_unit(text, kUnits);
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_decimal<std::uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (!port) return std::nullopt;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(std::string(host))) return std::nullopt;
  } else if (!is_host_name(host)) {
    return std::nullopt;
  }
  return HostPort{std::string(host), *port};
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost") return true;
  const std::string text(host);
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, text.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::optional<UrlParts> parse_url(std::string_view text) {
  const auto refused = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  const std::size_t separator = text.find("://");
  if (separator == std::string_view::npos || !is_scheme(text.substr(0, separator))) return std::nullopt;
  if (std::any_of(text.begin(), text.end(), refused)) return std::nullopt;
  UrlParts parts;
  parts.scheme = std::string(text.substr(0, separator));
  for (char& c : parts.scheme) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::string_view after = text.substr(separator + 3);
  const std::size_t end = std::min(after.find_first_of("/?#"), after.size());
  std::string_view authority = after.substr(0, end);
  const std::size_t at = authority.rfind('@');
  parts.has_user_info = at != std::string_view::npos;
  if (parts.has_user_info) authority.remove_prefix(at + 1);
  parts.authority = std::string(authority);
  parts.rest = std::string(after.substr(end));
  // A database on a Unix socket has no authority: "postgres:///name?host=/run/postgresql".
  if (parts.authority.empty() && parts.rest.empty()) return std::nullopt;
  return parts;
}

std::string without_password(std::string_view text) {
  const std::size_t separator = text.find("://");
  if (separator == std::string_view::npos) return std::string(text);
  const std::size_t start = separator + 3;
  const std::size_t end = std::min(text.find_first_of("/?#", start), text.size());
  const std::size_t at = text.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < start) return std::string(text);
  const std::size_t colon = text.substr(0, at).find(':', start);
  if (colon == std::string_view::npos) return std::string(text);
  return std::string(text.substr(0, colon + 1)) + "***" + std::string(text.substr(at));
}

std::optional<AddressRange> parse_address_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  AddressRange range;
  range.v6 = address.find(':') != std::string::npos;
  if (::inet_pton(range.v6 ? AF_INET6 : AF_INET, address.c_str(), range.bytes) != 1) return std::nullopt;
  const int bits = range.v6 ? 128 : 32;
  range.prefix = bits;
  if (slash != std::string_view::npos) {
    const auto prefix = parse_decimal<int>(text.substr(slash + 1));
    if (!prefix || *prefix < 0 || *prefix > bits) return std::nullopt;
    range.prefix = *prefix;
  }
  if (!host_bits_are_zero(range)) return std::nullopt;
  return range;
}

}  // namespace driftstack::kernel

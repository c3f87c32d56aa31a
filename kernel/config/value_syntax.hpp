#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace driftstack::kernel {

/// "250ms", "5m", "24h", "30d": a whole number and its unit. Nothing on bad form or beyond the range of the type.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "512B", "64MiB": a whole number and B, KiB, MiB, GiB or TiB.
std::optional<std::int64_t> parse_bytes(std::string_view text);

struct HostPort {
  /// Name or address; an IPv6 address without its brackets.
  std::string host;
  std::uint16_t port = 0;
};

/// "127.0.0.1:8080", "[::1]:8080", "db.example:5432". Port 0 is allowed: the system then chooses one.
std::optional<HostPort> parse_host_port(std::string_view text);

/// True for 127.0.0.0/8, ::1 and "localhost"; false for any other name, whatever it may resolve to.
bool is_loopback_host(std::string_view host);

struct UrlParts {
  std::string scheme;
  /// Host and port without user info, as written.
  std::string authority;
  bool has_user_info = false;
  /// Path, query and fragment, as written; empty or starts with one of "/?#".
  std::string rest;
};

/// scheme://[user[:password]@]authority[rest] with no space or control character. The scheme comes back in lower case.
std::optional<UrlParts> parse_url(std::string_view text);

/// The text with the password of a URL's user info replaced by "***".
std::string without_password(std::string_view text);

struct AddressRange {
  bool v6 = false;
  int prefix = 0;
  /// Network order; 4 bytes used for IPv4.
  std::uint8_t bytes[16] = {};
};

/// "10.0.0.0/8", "fd00::/8", or one address. Bits behind the prefix must be zero.
std::optional<AddressRange> parse_address_range(std::string_view text);

}  // namespace driftstack::kernel

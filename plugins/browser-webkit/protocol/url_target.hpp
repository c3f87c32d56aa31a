#pragma once
// Scheme, host and port of a URL.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace driftstack::browser_webkit {

/// In the engine's own spelling: lower-case scheme and host, no user name left in `host`.
struct UrlTarget {
  std::string scheme;
  std::string host;        ///< without the brackets of an IPv6 literal
  std::uint16_t port = 0;  ///< the scheme's default when the URL has none; 0 for a scheme without ports
};

/// Nothing for text that is no URL with a scheme.
std::optional<UrlTarget> parse_target(std::string_view url);

/// `host:port`, an IPv6 literal in brackets. Nothing for text that is none.
std::optional<UrlTarget> parse_host_and_port(std::string_view text);

}  // namespace driftstack::browser_webkit

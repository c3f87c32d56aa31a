#pragma once
// Which addresses a page may reach: public ones, and those that the operator named. This is the engine-side guard (navigation policy and
// content filter); names that resolve to private addresses are checked by the caller with `is_public_address`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftstack::browser_webkit {

/// Scheme, host and port of a URL in the engine's own spelling (lower-case scheme and host, no user name left in `host`).
struct UrlTarget {
  std::string scheme;
  std::string host;        ///< without the brackets of an IPv6 literal
  std::uint16_t port = 0;  ///< the scheme's default when the URL has none; 0 for a scheme without ports
  bool is_ipv6_literal = false;
};

/// Nothing for text that is no URL with a scheme.
std::optional<UrlTarget> parse_target(std::string_view url);

/// True for an address of the public internet; false for private, loopback, link-local, shared, multicast, documentation and reserved
/// ranges, for IPv6 forms that carry such an IPv4 address, and for text that is no address.
bool is_public_address(std::string_view address);

enum class Verdict : std::uint8_t {
  allow,    ///< go ahead
  resolve,  ///< a name: allowed if all its addresses are public
  refuse,
};

class AddressPolicy {
 public:
  /// `allowed` are `host:port` pairs (IPv6 in brackets). Nothing when one does not parse.
  static std::optional<AddressPolicy> make(const std::vector<std::string>& allowed);

  /// May a document be loaded from this URL? `about:`, `data:` and `blob:` are inside the page and allowed.
  Verdict check_navigation(std::string_view url) const;

  /// The same rules for everything that a page loads, as a WebKit content filter (JSON). Literal addresses and local names only.
  std::string content_filter_json() const;

 private:
  struct Entry {
    std::string host;
    std::uint16_t port;
    bool is_ipv6;
  };
  std::vector<Entry> allowed_;
};

}  // namespace driftstack::browser_webkit

#pragma once
// A saved proxy: its record, which hosts it may have, and the refusals that name a rule. No HTTP, no SQL.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/result.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack::sessions {

enum class ProxyScheme : std::uint8_t { socks5, http };
constexpr auto enum_names(ProxyScheme) {
  return std::to_array<std::pair<std::string_view, ProxyScheme>>({{"socks5", ProxyScheme::socks5}, {"http", ProxyScheme::http}});
}
[[nodiscard]] std::string_view name_of(ProxyScheme scheme) noexcept;

/// A wire text type: a host name in lower case or an IP address, at most 255 characters; an IPv6 address is kept without brackets.
class HostName {
 public:
  HostName() = default;
  [[nodiscard]] static std::optional<HostName> from_text(std::string_view text);
  void append_text(std::string& out) const { out += text_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  static constexpr std::string_view kFormat = "hostname";
  static constexpr std::string_view kExpected = "a host name or an IP address";

 private:
  explicit HostName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct SavedProxy {
  Uuid id;
  Uuid account;
  std::string label;
  ProxyScheme scheme = ProxyScheme::socks5;
  std::string host;
  std::int64_t port = 0;
  std::optional<std::string> username;
  std::optional<std::string> sealed_password;
  std::int64_t revision = 1;    ///< counts edits
  std::int64_t created_at = 0;  ///< microseconds since 1970 UTC
  std::int64_t updated_at = 0;
};

/// Which hosts a proxy may have: public ones, and those that the operator listed. A name is only known to be private here when it says so;
/// what it resolves to is for whoever dials. [any-thread]
class ProxyHostRules {
 public:
  ProxyHostRules() = default;
  /// `allowed`: `host:port`, IPv6 in brackets.
  explicit ProxyHostRules(std::vector<std::string> allowed);
  [[nodiscard]] bool permits(std::string_view host, std::int64_t port) const;

 private:
  std::vector<std::string> allowed_;
};

/// What a sealed password is bound to.
[[nodiscard]] std::string password_place(const Uuid& account, const Uuid& proxy);
/// The payload of `proxy.created`, `proxy.updated` and `proxy.deleted`.
[[nodiscard]] std::string audit_payload(const SavedProxy& proxy);

[[nodiscard]] Error no_such_proxy();
[[nodiscard]] Error private_proxy_host();
[[nodiscard]] Error stale_proxy(std::int64_t current_revision);
[[nodiscard]] Error proxy_cap_reached(std::int64_t limit, std::int64_t current, std::string_view tier);

}  // namespace driftstack::sessions

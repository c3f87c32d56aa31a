#pragma once
// What customers send and get about saved proxies (sessions.md 10 of the specification). A password is never sent back.

#include <optional>
#include <string>
#include <vector>

#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "proxies/saved_proxy.hpp"

namespace driftstack::sessions::body {

inline constexpr std::int64_t kMaxProxyLabel = 80;
inline constexpr std::int64_t kMaxProxyUsername = 255;
inline constexpr std::int64_t kMaxProxyPassword = 1024;

struct SavedProxy {
  Uuid id;
  std::string label;
  ProxyScheme scheme = ProxyScheme::socks5;
  std::string host;
  std::int64_t port = 0;
  std::optional<std::string> username;
  bool has_password = false, has_secret = false, has_preshared_key = false;
  std::optional<std::string> config;
  std::int64_t revision = 1;
  Timestamp created_at, updated_at;

  static constexpr auto shape =
      wire::object(wire::field<&SavedProxy::id>("id"), wire::field<&SavedProxy::label>("label"), wire::field<&SavedProxy::scheme>("scheme"),
                   wire::field<&SavedProxy::host>("host"), wire::field<&SavedProxy::port>("port"),
                   wire::field<&SavedProxy::username>("username", wire::nullable), wire::field<&SavedProxy::has_password>("has_password"),
                   wire::field<&SavedProxy::has_secret>("has_secret", wire::doc("Of VPN schemes, which this server has none of: false.")),
                   wire::field<&SavedProxy::has_preshared_key>("has_preshared_key", wire::doc("As has_secret.")),
                   wire::field<&SavedProxy::config>("config", wire::nullable, wire::doc("As has_secret: null.")),
                   wire::field<&SavedProxy::revision>("revision", wire::doc("One more with every edit.")),
                   wire::field<&SavedProxy::created_at>("created_at"), wire::field<&SavedProxy::updated_at>("updated_at"));
};

struct SavedProxies {
  std::vector<SavedProxy> data;
  std::optional<std::int64_t> cap;
  std::int64_t count = 0;
  static constexpr auto shape =
      wire::object(wire::field<&SavedProxies::data>("data", wire::doc("Newest first.")),
                   wire::field<&SavedProxies::cap>("cap", wire::nullable, wire::doc("Of the account's tier; null: none.")),
                   wire::field<&SavedProxies::count>("count"));
};

/// Why a test did not run.
enum class ProxyTestNotRun : std::uint8_t { check_unavailable };
constexpr auto enum_names(ProxyTestNotRun) {
  return std::to_array<std::pair<std::string_view, ProxyTestNotRun>>({{"check_unavailable", ProxyTestNotRun::check_unavailable}});
}
struct ProxyTest {
  bool ok = false;
  std::optional<std::int64_t> latency_ms;
  std::optional<std::string> reason;
  std::optional<ProxyTestNotRun> not_run;
  static constexpr auto shape =
      wire::object(wire::field<&ProxyTest::ok>("ok"), wire::field<&ProxyTest::latency_ms>("latency_ms", wire::doc("When it works.")),
                   wire::field<&ProxyTest::reason>("reason", wire::doc("When it does not: a sentence of a fixed set.")),
                   wire::field<&ProxyTest::not_run>("not_run", wire::doc("Nothing was tried, and why.")));
};

struct ProxyCreate {
  std::string label;
  ProxyScheme scheme = ProxyScheme::socks5;
  HostName host;
  std::int64_t port = 0;
  std::optional<std::string> username, password;
  static constexpr auto shape =
      wire::object(wire::field<&ProxyCreate::label>("label", wire::length(1, kMaxProxyLabel)),
                   wire::field<&ProxyCreate::scheme>("scheme", wire::defaulted), wire::field<&ProxyCreate::host>("host"),
                   wire::field<&ProxyCreate::port>("port", wire::min(1), wire::max(65'535)),
                   wire::field<&ProxyCreate::username>("username", wire::nullable_or_absent, wire::max_length(kMaxProxyUsername)),
                   wire::field<&ProxyCreate::password>("password", wire::nullable_or_absent, wire::max_length(kMaxProxyPassword)))
          .strict();
};

struct ProxyEdit {
  std::optional<std::string> label;
  std::optional<ProxyScheme> scheme;
  std::optional<HostName> host;
  std::optional<std::int64_t> port;
  std::optional<std::optional<std::string>> username, password;
  std::optional<std::int64_t> expected_revision;
  static constexpr auto shape =
      wire::object(wire::field<&ProxyEdit::label>("label", wire::length(1, kMaxProxyLabel)), wire::field<&ProxyEdit::scheme>("scheme"),
                   wire::field<&ProxyEdit::host>("host"), wire::field<&ProxyEdit::port>("port", wire::min(1), wire::max(65'535)),
                   wire::field<&ProxyEdit::username>("username", wire::max_length(kMaxProxyUsername)),
                   wire::field<&ProxyEdit::password>("password", wire::max_length(kMaxProxyPassword),
                                                     wire::doc("Absent keeps the password, null clears it.")),
                   wire::field<&ProxyEdit::expected_revision>("expected_revision",
                                                              wire::doc("Refuses the edit when the proxy is at another revision.")))
          .strict();
};

[[nodiscard]] inline SavedProxy show(const sessions::SavedProxy& proxy) {
  SavedProxy shown;
  shown.id = proxy.id;
  shown.label = proxy.label;
  shown.scheme = proxy.scheme;
  shown.host = proxy.host;
  shown.port = proxy.port;
  shown.username = proxy.username;
  shown.has_password = proxy.sealed_password.has_value();
  shown.revision = proxy.revision;
  shown.created_at = Timestamp::from_micros(proxy.created_at);
  shown.updated_at = Timestamp::from_micros(proxy.updated_at);
  return shown;
}

}  // namespace driftstack::sessions::body

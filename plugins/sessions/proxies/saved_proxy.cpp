#include "proxies/saved_proxy.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "driftstack/support/json.hpp"
#include "driftstack/support/public_address.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::size_t kMaxHost = 255;  // sessions.md 10

using AddressBytes = std::array<std::uint8_t, 16>;

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::optional<AddressBytes> ipv6_bytes(const std::string& text) {
  AddressBytes bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

// Also the old spellings (`127.1`, `0x7f000001`), since a resolver reads them as addresses.
std::optional<AddressBytes> address_bytes(const std::string& text) {
  if (auto ipv6 = ipv6_bytes(text)) return ipv6;
  in_addr ipv4{};
  if (inet_aton(text.c_str(), &ipv4) == 0) return std::nullopt;
  AddressBytes bytes{};
  bytes[10] = bytes[11] = 0xFF;
  std::memcpy(&bytes[12], &ipv4, sizeof ipv4);
  return bytes;
}

bool is_local_name(std::string_view name) {
  if (name.find('.') == std::string_view::npos) return true;  // completed by the search list of this machine's network
  for (const std::string_view suffix : {".localhost", ".local", ".internal", ".home.arpa"}) {
    if (name.ends_with(suffix)) return true;
  }
  return false;
}

}  // namespace

std::string_view name_of(ProxyScheme scheme) noexcept { return scheme == ProxyScheme::http ? "http" : "socks5"; }

std::optional<HostName> HostName::from_text(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    std::string inner(text.substr(1, text.size() - 2));
    return ipv6_bytes(inner) ? std::optional(HostName(std::move(inner))) : std::nullopt;
  }
  std::string host(text);
  std::transform(host.begin(), host.end(), host.begin(), lower);
  if (host.empty() || host.size() > kMaxHost) return std::nullopt;
  if (ipv6_bytes(host)) return HostName(std::move(host));
  const bool is_plain = std::all_of(host.begin(), host.end(), is_name_character);
  if (!is_plain || host.front() == '.' || host.find("..") != std::string::npos) return std::nullopt;
  return HostName(std::move(host));
}

ProxyHostRules::ProxyHostRules(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

bool ProxyHostRules::permits(std::string_view host, std::int64_t port) const {
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  std::string target = is_ipv6 ? "[" + std::string(host) + "]" : std::string(host);
  target += ":" + std::to_string(port);
  if (std::find(allowed_.begin(), allowed_.end(), target) != allowed_.end()) return true;
  std::string name(host);
  if (name.ends_with('.')) name.pop_back();
  if (const auto address = address_bytes(name)) return is_public_address(*address);
  return !is_local_name(name);
}

std::string password_place(const Uuid& account, const Uuid& proxy) {
  return "sessions.saved-proxy-password:" + account.to_text() + ":" + proxy.to_text();
}

std::string audit_payload(const SavedProxy& proxy) {
  std::string payload = "{\"proxy_id\":\"" + proxy.id.to_text() + "\",\"label\":";
  wire::append_json_string(payload, proxy.label);
  return payload + ",\"scheme\":\"" + std::string(name_of(proxy.scheme)) + "\"}";
}

Error no_such_proxy() { return Error(Errc::not_found, "There is no such saved proxy."); }

Error private_proxy_host() {
  return Error(Errc::bad_request, "The host of a proxy must be a public one, or one that the operator of this server listed.");
}

Error stale_proxy(std::int64_t current_revision) {
  const std::string current = std::to_string(current_revision);
  return Error(Errc::conflict, "The proxy was changed since: it is at revision " + current + ".")
      .with_members("\"code\":\"stale_revision\",\"current_revision\":" + current);
}

Error proxy_cap_reached(std::int64_t limit, std::int64_t current, std::string_view tier) {
  const std::string permitted = std::to_string(limit);
  const std::string saved = std::to_string(current);
  std::string members = "\"limit\":" + permitted + ",\"current\":" + saved + ",\"resource\":\"proxy\",\"tier\":";
  wire::append_json_string(members, tier);
  return Error(Errc::tier_limit, "The account has " + saved + " saved proxies; its tier permits " + permitted + ".")
      .with_members(std::move(members));
}

}  // namespace driftstack::sessions

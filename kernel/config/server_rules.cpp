#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/config/server_schema.hpp"
#include "kernel/config/value_syntax.hpp"

namespace driftstack::kernel {
namespace {

// A wider range is no description of one's own proxies. 10.0.0.0/8 is the widest private block (RFC 1918), fc00::/7 the widest of
// IPv6 (RFC 4193).
constexpr int kWidestTrustedV4 = 8;
constexpr int kWidestTrustedV6 = 7;
// Prefix of ::ffff:0:0/96, which stands for all of IPv4 (RFC 4291 section 2.5.5.2).
constexpr int kMappedPrefix = 96;

Finding finding(const CheckedSettings& server, const std::string& key, std::string message) {
  return {server.has(key) ? server.origin(key) : Origin{}, "server." + key, std::move(message)};
}

/// Leading bits of `range` that agree with ::ffff:0:0/96.
int bits_shared_with_mapped_v4(const AddressRange& range) {
  constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  int bit = 0;
  while (bit < kMappedPrefix && bit < range.prefix && ((range.bytes[bit / 8] ^ kMapped[bit / 8]) >> (7 - bit % 8) & 1) == 0) ++bit;
  return bit;
}

bool trusts_everyone(const AddressRange& range) {
  if (!range.v6) return range.prefix < kWidestTrustedV4;
  if (bits_shared_with_mapped_v4(range) == std::min(range.prefix, kMappedPrefix)) return range.prefix < kMappedPrefix + kWidestTrustedV4;
  return range.prefix < kWidestTrustedV6;
}

void check_proxies(const CheckedSettings& server, std::vector<Finding>& out) {
  for (const std::string& text : server.list("trusted_proxies")) {
    const auto range = parse_address_range(text);
    if (!range || !trusts_everyone(*range)) continue;
    out.push_back(finding(
        server, "trusted_proxies",
        in_quotes(text) + " trusts far more than a proxy of yours, so anyone could forge a client address; name the proxy's own address"));
  }
}

void check_tls(const CheckedSettings& server, std::vector<Finding>& out) {
  const bool certificate = server.has("tls_certificate");
  if (certificate == server.has("tls_key")) return;
  const std::string have = certificate ? "tls_certificate" : "tls_key";
  const std::string lack = certificate ? "tls_key" : "tls_certificate";
  out.push_back(finding(server, have, "TLS needs server." + lack + " as well"));
}

void check_listen(const CheckedSettings& server, std::vector<Finding>& out) {
  const auto listen = parse_host_port(server.string("listen"));
  if (!listen || is_loopback_host(listen->host)) return;
  if (server.has("tls_certificate") || server.has("tls_key") || !server.list("trusted_proxies").empty()) return;
  out.push_back(finding(
      server, "listen",
      in_quotes(server.string("listen")) +
          " can be reached from other machines without TLS; set server.tls_certificate and server.tls_key, name the proxy that ends TLS in "
          "server.trusted_proxies, or listen on 127.0.0.1"));
}

bool is_origin(std::string_view text) {
  const auto url = parse_url(text);
  return url && (url->scheme == "https" || url->scheme == "http") && !url->authority.empty() && !url->has_user_info && url->rest.empty();
}

void check_origins(const CheckedSettings& server, std::vector<Finding>& out) {
  for (const std::string& origin : server.list("cors_origins")) {
    if (is_origin(origin)) continue;
    out.push_back(finding(server, "cors_origins",
                          in_quotes(origin) + " is not an origin; write scheme://host[:port] and nothing behind it, for example "
                                              "\"https://app.example.org\""));
  }
  if (server.has("public_url") && !is_origin(server.string("public_url"))) {
    out.push_back(
        finding(server, "public_url",
                in_quotes(server.string("public_url")) +
                    " is not a base URL; write scheme://host[:port] without a trailing slash, for example \"https://api.example.org\""));
  }
  for (const std::string& host : server.list("allowed_hosts")) {
    if (!host.empty() && host.find_first_of("*/ ") == std::string::npos) continue;
    out.push_back(finding(server, "allowed_hosts",
                          in_quotes(host) + " is not a host name; write it as clients send it, for example \"api.example.org\""));
  }
}

}  // namespace

std::vector<Finding> check_server_rules(const CheckedSettings& settings) {
  const CheckedSettings& server = settings.table("server");
  std::vector<Finding> findings;
  check_listen(server, findings);
  check_tls(server, findings);
  check_proxies(server, findings);
  check_origins(server, findings);
  sort_by_place(findings);
  return findings;
}

}  // namespace driftstack::kernel

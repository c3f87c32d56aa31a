#pragma once
// Who the client is on the network: one resolver for the limiter, the audit log and the access log.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/result.hpp"
#include "driftstack/uuid.hpp"
#include "kernel/pipeline/exchange.hpp"

namespace driftstack::kernel {

/// 16 bytes, IPv4 in mapped form.
using AddressBytes = std::array<std::uint8_t, 16>;

std::optional<AddressBytes> parse_address(std::string_view text) noexcept;
std::string address_text(const AddressBytes& address);

/// A network in CIDR notation; a bare address is its own network.
struct Network {
  AddressBytes base{};
  unsigned prefix = 128;  ///< bits of the mapped form
  bool contains(const AddressBytes& address) const noexcept;
  static std::optional<Network> parse(std::string_view text) noexcept;
};

class ClientAddressResolver {
 public:
  explicit ClientAddressResolver(std::vector<Network> trusted_proxies) : trusted_(std::move(trusted_proxies)) {}

  /// The socket peer, unless it is a trusted proxy: then the right-most address of X-Forwarded-For that is no trusted proxy. An entry that
  /// is no address ends the walk at the last trusted hop.
  AddressBytes resolve(const PeerAddress& peer, std::span<const HeaderView> headers) const noexcept;

 private:
  bool is_trusted(const AddressBytes& address) const noexcept;
  std::vector<Network> trusted_;
};

/// The key of an address in per-address limits: IPv4 whole, IPv6 by its /64.
Uuid limiter_key(const AddressBytes& address) noexcept;

/// The key of an API key's public prefix in the same limits, so that guesses at one key from many addresses are counted together
/// (platform.md 5.6). It equals no address's key. Nothing for a token that is no API key.
std::optional<Uuid> limiter_key_of_prefix(std::string_view token) noexcept;

}  // namespace driftstack::kernel

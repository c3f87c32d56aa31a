#pragma once
// A numeric address as the guards compare it.

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace driftstack::browser_webkit {

/// IPv6; IPv4 in its mapped form.
using Address = std::array<std::uint8_t, 16>;
/// In the order in which they should be tried.
using Addresses = std::vector<Address>;

/// Nothing for another family.
std::optional<Address> address_of(const sockaddr& socket_address);
/// Dotted IPv4 or IPv6 without brackets; nothing for other text.
std::optional<Address> parse_address(const std::string& text);

/// The same, and every spelling that resolvers take for an IPv4 address: 127.1, 0x7f000001, 017700000001.
std::optional<Address> parse_any_address(const std::string& text);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};
/// What to connect to. A mapped IPv4 address becomes one of IPv4: a machine may have no IPv6.
SocketAddress socket_address(const Address& address, std::uint16_t port);

}  // namespace driftstack::browser_webkit

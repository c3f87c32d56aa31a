#include "egress/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace driftstack::browser_webkit {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};  // RFC 4291 section 2.5.5.2

Address mapped(const in_addr& four) {
  Address address{};
  std::copy(kMapped.begin(), kMapped.end(), address.begin());
  std::memcpy(&address[kMapped.size()], &four, sizeof four);
  return address;
}

}  // namespace

std::optional<Address> address_of(const sockaddr& socket_address) {
  if (socket_address.sa_family == AF_INET) {
    sockaddr_in four;
    std::memcpy(&four, &socket_address, sizeof four);
    return mapped(four.sin_addr);
  }
  if (socket_address.sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 six;
  std::memcpy(&six, &socket_address, sizeof six);
  Address address;
  std::memcpy(address.data(), &six.sin6_addr, address.size());
  return address;
}

std::optional<Address> parse_address(const std::string& text) {
  in_addr four{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return mapped(four);
  Address address;
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::optional<Address> parse_any_address(const std::string& text) {
  in_addr four{};
  if (inet_aton(text.c_str(), &four) != 0) return mapped(four);
  return parse_address(text);
}

SocketAddress socket_address(const Address& address, std::uint16_t port) {
  SocketAddress result;
  if (std::equal(kMapped.begin(), kMapped.end(), address.begin())) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    std::memcpy(&four.sin_addr, &address[kMapped.size()], sizeof four.sin_addr);
    std::memcpy(&result.storage, &four, sizeof four);
    result.size = sizeof four;
  } else {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&six.sin6_addr, address.data(), address.size());
    std::memcpy(&result.storage, &six, sizeof six);
    result.size = sizeof six;
  }
  return result;
}

}  // namespace driftstack::browser_webkit

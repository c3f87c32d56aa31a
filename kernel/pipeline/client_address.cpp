#include "kernel/pipeline/client_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "kernel/pipeline/header_name.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const AddressBytes& address) noexcept { return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin()); }

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<AddressBytes> parse_address(std::string_view text) noexcept {
  char buffer[INET6_ADDRSTRLEN];
  if (text.size() > 1 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  AddressBytes address{};
  if (inet_pton(AF_INET6, buffer, address.data()) == 1) return address;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin());
  if (inet_pton(AF_INET, buffer, address.data() + kMappedPrefix.size()) == 1) return address;
  return std::nullopt;
}

std::string address_text(const AddressBytes& address) {
  char buffer[INET6_ADDRSTRLEN] = {};
  if (is_mapped(address)) {
    inet_ntop(AF_INET, address.data() + kMappedPrefix.size(), buffer, sizeof buffer);
  } else {
    inet_ntop(AF_INET6, address.data(), buffer, sizeof buffer);
  }
  return buffer;
}

bool Network::contains(const AddressBytes& address) const noexcept {
  const auto whole = prefix / 8, rest = prefix % 8;
  if (!std::equal(base.begin(), base.begin() + whole, address.begin())) return false;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00u >> rest);
  return (base[whole] & mask) == (address[whole] & mask);
}

std::optional<Network> Network::parse(std::string_view text) noexcept {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  Network network;
  network.base = *address;
  if (slash == std::string_view::npos) return network;
  const auto bits = text.substr(slash + 1);
  unsigned prefix = 0;
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), prefix);
  const unsigned most = is_mapped(*address) ? 32 : 128;
  if (error != std::errc() || end != bits.data() + bits.size() || prefix > most) return std::nullopt;
  network.prefix = is_mapped(*address) ? prefix + 96 : prefix;
  return network;
}

bool ClientAddressResolver::is_trusted(const AddressBytes& address) const noexcept {
  return std::any_of(trusted_.begin(), trusted_.end(), [&](const Network& network) { return network.contains(address); });
}

AddressBytes ClientAddressResolver::resolve(const PeerAddress& peer, std::span<const HeaderView> headers) const noexcept {
  AddressBytes current = peer.bytes;
  if (trusted_.empty() || !is_trusted(current)) return current;
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (!same_header(header->name, "x-forwarded-for")) continue;
    std::string_view list = header->value;
    while (!list.empty()) {
      const auto comma = list.rfind(',');
      const auto entry = trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
      list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
      const auto address = parse_address(entry);
      if (!address) return current;
      current = *address;
      if (!is_trusted(current)) return current;
    }
  }
  return current;
}

Uuid limiter_key(const AddressBytes& address) noexcept {
  AddressBytes key = address;
  if (!is_mapped(address)) std::fill(key.begin() + 8, key.end(), std::uint8_t{0});
  return Uuid(key);
}

std::optional<Uuid> limiter_key_of_prefix(std::string_view token) noexcept {
  constexpr std::size_t kPrefixLength = 14;  // `ds_live_` or `ds_test_` and 6 characters, identity.md 1
  if (!token.starts_with("ds_") || token.size() <= kPrefixLength) return std::nullopt;
  // The characters are the key: no address has both its first and its ninth byte set, for IPv4 begins and a /64 ends with zeros.
  AddressBytes key{};
  std::copy_n(token.begin(), kPrefixLength, key.begin());
  return Uuid(key);
}

}  // namespace driftstack::kernel

#include "driftstack/support/public_address.hpp"

#include <algorithm>
#include <cstddef>

namespace driftstack {
namespace {

struct Range4 {
  std::uint32_t network;
  int bits;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) { return a << 24 | b << 16 | c << 8 | d; }

// IANA IPv4 special-purpose address registry: everything that is not globally reachable, plus multicast, plus 168.63.129.16, at which
// every machine in Azure reaches the agent of its host.
constexpr Range4 kNotPublic4[] = {
    {ip(0, 0, 0, 0), 8},       {ip(10, 0, 0, 0), 8},     {ip(100, 64, 0, 0), 10},    {ip(127, 0, 0, 0), 8},
    {ip(169, 254, 0, 0), 16},  {ip(172, 16, 0, 0), 12},  {ip(192, 0, 0, 0), 24},     {ip(192, 0, 2, 0), 24},
    {ip(192, 88, 99, 0), 24},  {ip(192, 168, 0, 0), 16}, {ip(168, 63, 129, 16), 32}, {ip(198, 18, 0, 0), 15},
    {ip(198, 51, 100, 0), 24}, {ip(203, 0, 113, 0), 24}, {ip(224, 0, 0, 0), 4},      {ip(240, 0, 0, 0), 4},
};

bool is_public4(std::uint32_t address) noexcept {
  return std::none_of(std::begin(kNotPublic4), std::end(kNotPublic4),
                      [&](const Range4& range) { return (address ^ range.network) >> (32 - range.bits) == 0; });
}

}  // namespace

bool is_public_address(const std::array<std::uint8_t, 16>& bytes) noexcept {
  const auto embedded = [&](std::size_t at) { return ip(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]); };
  const auto zero = [&](std::size_t from, std::size_t to) {
    return std::all_of(&bytes[from], &bytes[0] + to, [](std::uint8_t b) { return b == 0; });
  };

  if (zero(0, 10) && bytes[10] == 0xFF && bytes[11] == 0xFF) return is_public4(embedded(12));  // ::ffff:0:0/96, IPv4
  // 64:ff9b::/96, NAT64: reaches the IPv4 address inside.
  if (embedded(0) == 0x0064FF9B && zero(4, 12)) return is_public4(embedded(12));
  if (embedded(0) >> 16 == 0x2002) return is_public4(embedded(2));  // 2002::/16, 6to4
  // Only 2000::/3 is handed out for global use; this leaves out ::1, fc00::/7, fe80::/10, ff00::/8 and 64:ff9b:1::/48.
  if (bytes[0] >> 5 != 1) return false;
  if (embedded(0) >> 9 == 0x20010000 >> 9) return false;    // 2001::/23, protocol assignments with Teredo
  if (embedded(0) == 0x20010DB8) return false;              // 2001:db8::/32, documentation
  if (embedded(0) >> 12 == 0x3FFF0000 >> 12) return false;  // 3fff::/20, documentation
  return true;
}

}  // namespace driftstack

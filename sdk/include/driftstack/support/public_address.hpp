/// Which addresses are in the public internet.
///
/// Purpose: the one table behind every guard that keeps calls to the outside off private networks. Thread: [any-thread]. Errors: none.
/// Source: IANA special-purpose address registries.
#pragma once

#include <array>
#include <cstdint>

namespace driftstack {

/// An address in the public internet, one that calls to the outside may go to. False for loopback, private, link-local (cloud metadata),
/// shared, multicast, documentation, benchmark and reserved ranges, and for IPv6 forms that carry such an IPv4 address. `bytes` is IPv6;
/// IPv4 in its mapped form.
[[nodiscard]] bool is_public_address(const std::array<std::uint8_t, 16>& bytes) noexcept;

}  // namespace driftstack

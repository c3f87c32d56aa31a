#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace driftstack::kernel {

/// HKDF-SHA-256 (RFC 5869) without salt; `info` names the use. Throws std::runtime_error when OpenSSL cannot.
std::array<std::uint8_t, 32> derive_key(std::span<const std::uint8_t> key, std::string_view info);

}  // namespace driftstack::kernel

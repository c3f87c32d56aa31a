#pragma once
// Keys whose secret was checked with scrypt.

#include <cstdint>
#include <cstring>

#include "api_key.hpp"
#include "driftstack/host.hpp"
#include "scrypt.hpp"
#include "verified_credentials.hpp"

namespace driftstack::identity {

/// What is remembered of one key. Trivially copyable; a hit copies it out of the map.
struct VerifiedKey {
  Digest gate{};      ///< keyed digest of the whole token: equal gates are equal tokens
  DerivedKey hash{};  ///< the stored hash that the token was checked against
  Principal principal;
  std::int64_t expires_at = 0;  ///< unix microseconds, the largest value for "never"
  ChangeStamp stamp = 0;        ///< taken before the row was read
  std::int64_t used_at = 0;     ///< unix microseconds of the last noted use
};

struct HashKeyPrefix {
  /// The six random characters of a prefix, which nobody but us chose for a key that verified.
  std::size_t operator()(const KeyPrefix& prefix) const noexcept {
    std::uint64_t tail = 0;
    std::memcpy(&tail, prefix.data() + kPrefixSize - sizeof tail, sizeof tail);
    return static_cast<std::size_t>((tail * 0x9E3779B97F4A7C15U) >> 16);  // odd constant: 2^64 / golden ratio
  }
};

using VerifiedKeys = VerifiedCredentials<KeyPrefix, VerifiedKey, HashKeyPrefix>;

}  // namespace driftstack::identity

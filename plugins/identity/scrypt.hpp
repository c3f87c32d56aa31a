#pragma once
// scrypt (RFC 7914): the slow hash under which key secrets lie in the database.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/result.hpp"

struct evp_kdf_st;

namespace driftstack::identity {

/// Cost of one derivation: 128 * r * 2^log_n bytes of memory. Only values inside the bounds below exist.
struct ScryptCost {
  static constexpr std::uint32_t kLogN = 15;     // identity.md 1.4: 32 MiB and about 90 ms
  static constexpr std::uint32_t kMinLogN = 15;  // a weaker row is not ours
  static constexpr std::uint32_t kMaxLogN = 17;  // 128 MiB: what one hashing thread may take
  static constexpr std::uint32_t kR = 8;         // identity.md 1.4
  static constexpr std::uint32_t kMaxP = 4;

  std::uint32_t log_n = kLogN;
  std::uint32_t r = kR;
  std::uint32_t p = 1;

  /// False for a row that would cost too little to protect or too much to check.
  bool is_within_bounds() const noexcept { return log_n >= kMinLogN && log_n <= kMaxLogN && r == kR && p >= 1 && p <= kMaxP; }
  friend bool operator==(const ScryptCost&, const ScryptCost&) = default;
};

inline constexpr std::size_t kSaltSize = 16;        // identity.md 1.4
inline constexpr std::size_t kDerivedKeySize = 32;  // identity.md 1.4
using Salt = std::array<std::uint8_t, kSaltSize>;
using DerivedKey = std::array<std::uint8_t, kDerivedKeySize>;

/// What a row keeps: cost, salt and derived key, as `scrypt$15$8$1$<salt>$<key>` (base64url).
struct StoredHash {
  ScryptCost cost;
  Salt salt{};
  DerivedKey key{};

  std::string to_text() const;
  /// Nothing for any other text and for a cost out of bounds.
  static std::optional<StoredHash> from_text(std::string_view text);
  friend bool operator==(const StoredHash&, const StoredHash&) = default;
};

/// The algorithm, fetched once. `derive` blocks for about 90 ms: call it on hashing threads only. [any-thread]
class Scrypt {
 public:
  Scrypt();
  Result<DerivedKey> derive(std::string_view secret, const Salt& salt, const ScryptCost& cost) const;

 private:
  struct Free {
    void operator()(evp_kdf_st* kdf) const noexcept;
  };
  std::unique_ptr<evp_kdf_st, Free> kdf_;
};

/// Bytes as text, for comparing and encoding.
template <std::size_t N>
std::string_view as_text(const std::array<std::uint8_t, N>& bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

}  // namespace driftstack::identity

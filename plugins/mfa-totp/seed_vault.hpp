#pragma once
// Seeds at rest. identity.md 1.4.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/uuid.hpp"
#include "totp.hpp"

namespace driftstack::mfa_totp {

/// What a row keeps of a seed.
struct SealedSeed {
  std::string key_id;  ///< of the key under which it was sealed
  std::string text;    ///< base64url
};

/// AES-256-GCM under the operator's key, or the server's envelope where there is none. Bound to the account: a row that was copied to
/// another account does not open. Constant after the keys were added. [any-thread]
class SeedVault {
 public:
  explicit SeedVault(Secrets& secrets) noexcept : secrets_(secrets) {}
  ~SeedVault();
  SeedVault(const SeedVault&) = delete;
  SeedVault& operator=(const SeedVault&) = delete;

  /// Adds a key in base64; the first one seals from now on. Tries it out. validation_failed never shows the text.
  Result<> add_key(std::string_view base64);
  bool has_key() const noexcept { return !keys_.empty(); }
  bool knows(std::string_view key_id) const noexcept;

  Result<SealedSeed> seal(const Uuid& account, const Seed& seed) const;
  /// Errc::internal when the text was changed, moved or sealed under another key.
  Result<Seed> open(const Uuid& account, const SealedSeed& sealed) const;

 private:
  struct Key {
    std::string id;
    std::array<std::uint8_t, 32> bytes{};
  };
  Secrets& secrets_;
  std::vector<Key> keys_;
};

}  // namespace driftstack::mfa_totp

#pragma once
// What is stored of second factors. Times are unix microseconds.

#include <cstdint>
#include <optional>
#include <string>

#include "driftstack/uuid.hpp"
#include "seed_vault.hpp"
#include "totp.hpp"

namespace driftstack::mfa_totp {

inline constexpr std::int64_t kMinuteMicros = 60'000'000;
// identity.md 4.1, 4.3, 4.4
inline constexpr std::int64_t kChallengeLife = 5 * kMinuteMicros;
inline constexpr std::int64_t kChallengeFailures = 5;  // the fifth ends it
inline constexpr std::int64_t kFailureWindow = 15 * kMinuteMicros;
inline constexpr std::int64_t kAccountFailures = 10;  // the tenth pauses the account
inline constexpr std::int64_t kPause = 15 * kMinuteMicros;

/// The factor of an account. Pending until its first code was shown.
struct Factor {
  Uuid account;
  SealedSeed seed;
  std::optional<std::int64_t> enrolled_at;
  Step last_step = 0;  ///< the highest one that was accepted
  std::optional<std::int64_t> last_used_at, paused_until;
  std::string recovery_salt;

  bool is_enrolled() const noexcept { return enrolled_at.has_value(); }
  /// Whole seconds until codes are taken again, rounded up; 0 = now.
  std::int64_t paused_seconds(std::int64_t now) const noexcept {
    if (!paused_until || *paused_until <= now) return 0;
    return (*paused_until - now + 999'999) / 1'000'000;
  }
};

/// Somebody with the right first factor. The token itself is nowhere.
struct Challenge {
  std::string digest;
  Uuid account;
  std::string client_address;  ///< who got it; nobody else may use it
  std::int64_t expires_at = 0;
};

}  // namespace driftstack::mfa_totp

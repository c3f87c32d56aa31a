#pragma once
// The codes for whoever lost the authenticator app. identity.md 4.1, 1.4.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/slow_hash.hpp"
#include "driftstack/task.hpp"

namespace driftstack::mfa_totp {

inline constexpr std::size_t kRecoveryCodes = 10;       // per set
inline constexpr std::size_t kRecoveryCodeLength = 10;  // 50 random bits

/// The characters that count of what somebody typed: upper case, without separators. Nothing when that can be no code.
std::optional<std::string> normal_recovery_code(std::string_view typed);

/// A set that was just made.
struct RecoverySet {
  std::vector<std::string> codes;    ///< as they are printed: `XXXXX-XXXXX`; the only copy
  std::vector<std::string> digests;  ///< what is stored
  std::string salt;                  ///< one for the set, so that a try costs one hash; base64url
};

/// [io-thread]
class RecoveryCodes {
 public:
  explicit RecoveryCodes(SlowHash& hash) noexcept : hash_(hash) {}

  AsyncResult<RecoverySet> make(const Call& call) const;
  /// Of a code in its normal form.
  AsyncResult<std::string> digest(const Call& call, std::string code, std::string salt) const;

 private:
  SlowHash& hash_;
};

}  // namespace driftstack::mfa_totp

#pragma once
// Role SecondFactor: what stands between a right first factor and a web session. identity.md 4.

#include <cstdint>
#include <optional>
#include <string>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/task.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack {
inline namespace v1 {

/// What somebody gets in place of a web session when the account has a second factor. The only copy of the token.
struct SignInChallenge {
  std::string token;
  std::int64_t expires_at = 0;      ///< unix microseconds
  std::int64_t paused_seconds = 0;  ///< for how long the account refuses every second factor; 0 = not at all
};

/// Implemented by `mfa-totp`. Whoever lets people sign in asks it before a web session is made, inside of the transaction that would make
/// it, after `SignInDesk::hold`. Without such a plugin nobody has a second factor.
class SecondFactor {
 public:
  static constexpr InterfaceId kId{"second.factor", 1};

  /// After the first factor was right: nothing when the account has no second factor, else a fresh challenge, bound to the address of the
  /// call. A pause is told, not enforced here: the caller may refuse the sign-in, the challenge is worth nothing meanwhile. [io-thread]
  virtual AsyncResult<std::optional<SignInChallenge>> challenge(db::Transaction& transaction, const Call& call, const Uuid& account) = 0;
  /// Ends every open challenge of the account: its first factor changed. [io-thread]
  virtual AsyncResult<> end_challenges(db::Transaction& transaction, const Uuid& account) = 0;
  /// Forgets everything about the account, which is deleted. [io-thread]
  virtual AsyncResult<> remove(db::Transaction& transaction, const Uuid& account) = 0;
  /// Does the account have a second factor that works? [io-thread]
  virtual AsyncResult<bool> is_enrolled(const Call& call, const Uuid& account) = 0;

 protected:
  ~SecondFactor() = default;
};

}  // namespace v1
}  // namespace driftstack

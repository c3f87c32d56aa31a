#pragma once
// What the owner of accounts and web sessions does for plugins that check how a person signs in.

#include <cstdint>
#include <string>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/task.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack {
inline namespace v1 {

/// A web session that was just made; the only copy of the token.
struct IssuedWebSession {
  std::string token;
  std::int64_t expires_at = 0;  ///< unix microseconds
};

/// Mails about the safety of an account; nobody can switch them off. identity.md 13.
enum class SecurityNotice : std::uint8_t {
  second_factor_enabled,
  second_factor_paused,  ///< too many wrong codes
};

/// Implemented by `identity`. A plugin that changes how an account signs in calls `hold` as the first step of its transaction; all other
/// calls with a transaction need that.
class SignInDesk {
 public:
  static constexpr InterfaceId kId{"sign.in.desk", 1};

  /// The address by which the person of an account is known. Errc::not_found. [io-thread]
  virtual AsyncResult<std::string> email_of(const Call& call, const Uuid& account) = 0;
  /// Serialises with everything else that changes passwords, links, sessions and factors of the account. [io-thread]
  virtual AsyncResult<> hold(db::Transaction& transaction, const Uuid& account) = 0;
  /// A web session for the device of the call, whose second factor is fresh, and the audit entry `account.login {method}`. `now` is in
  /// unix microseconds. Errc::forbidden when the account lets nobody in. Takes the lock of the audit chain. [io-thread]
  virtual AsyncResult<IssuedWebSession> sign_in(db::Transaction& transaction, const Call& call, const Uuid& account, std::string method,
                                                std::int64_t now) = 0;
  /// The second factor of the web session that calls is fresh from `now` on. Errc::unauthorized when it has ended. [io-thread]
  virtual AsyncResult<> refresh_factor(db::Transaction& transaction, const Call& call, std::int64_t now) = 0;
  /// Queues a mail to the person, in the transaction of what it tells about. [io-thread]
  virtual AsyncResult<> notify(db::Transaction& transaction, const Uuid& account, SecurityNotice notice, std::int64_t now) = 0;

 protected:
  ~SignInDesk() = default;
};

}  // namespace v1
}  // namespace driftstack

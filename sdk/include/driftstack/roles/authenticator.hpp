#pragma once
// Role Authenticator: turns a bearer token into a Principal.

#include <optional>
#include <string>
#include <string_view>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/principal.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {

/// Implemented by `identity`.
class Authenticator {
 public:
  static constexpr InterfaceId kId{"authenticator", 1};

  /// Answers from memory, without waiting: a Principal or a refusal, or nothing when `authenticate` has to look. Checks the version of
  /// the key and its account on every hit, so that a revoked key is refused on its next request. [io-thread]
  virtual std::optional<Result<Principal>> authenticate_now(std::string_view token) noexcept = 0;

  /// The full check. Errors: unauthorized, invalid_key, revoked_key, expired_key, forbidden (account status, tier feature),
  /// feature_unavailable with a retry time (hashing queue full). [io-thread]
  virtual AsyncResult<Principal> authenticate(const Call& call, std::string token) = 0;

  /// The caller acting for another account (`X-Driftstack-Account`): fills effective_account, effective_tier and role. Errors: bad_request
  /// (malformed value), forbidden (not on that team). [io-thread]
  virtual AsyncResult<Principal> act_for(const Call& call, const Principal& caller, std::string account) = 0;

  /// Whether the call's principal may do what needs a fresh second factor. Ok for a credential that is no web session and for an account
  /// without a second factor; else Errc::mfa_step_up_required. [io-thread]
  virtual AsyncResult<> check_step_up(const Call& call) = 0;

 protected:
  ~Authenticator() = default;
};

}  // namespace v1
}  // namespace driftstack

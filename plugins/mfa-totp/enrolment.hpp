#pragma once
// How an account gets its second factor, looks after it, and gets rid of it. identity.md 4.2, 4.7.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/second_factor.hpp"
#include "driftstack/roles/sign_in_desk.hpp"
#include "driftstack/task.hpp"
#include "recovery_codes.hpp"
#include "store.hpp"

namespace driftstack::mfa_totp {

/// What an authenticator app needs. The only answer that shows the seed.
struct Invitation {
  std::string secret_base32;
  std::string otpauth_uri;
};

struct FactorStatus {
  std::optional<std::int64_t> enrolled_at, last_used_at;
  std::int64_t unused_codes = 0;
};

/// Of the caller's own account. [io-thread]
class Enrolment {
 public:
  struct Parts {
    Store& store;
    const RecoveryCodes& recovery;
    const SeedVault& vault;
    SecondFactor& factors;
    SignInDesk& desk;
    AuditLog& audit;
    Clock& clock;
    std::string issuer;
  };
  explicit Enrolment(Parts parts) : parts_(std::move(parts)) {}

  /// A fresh pending seed. conflict when the account is enrolled.
  AsyncResult<Invitation> begin(const Call& call);
  /// Enrols, with the first code as the proof that the app has the seed; answers the recovery codes. bad_request (wrong code), not_found
  /// (no pending seed), conflict (enrolled already).
  AsyncResult<std::vector<std::string>> confirm(const Call& call, std::string_view code);
  AsyncResult<FactorStatus> status(const Call& call);
  /// Ok without a factor too. The route asks for a fresh one.
  AsyncResult<> disable(const Call& call);
  /// A new set of recovery codes in place of every older one. not_found.
  AsyncResult<std::vector<std::string>> regenerate(const Call& call);

 private:
  Parts parts_;
};

}  // namespace driftstack::mfa_totp

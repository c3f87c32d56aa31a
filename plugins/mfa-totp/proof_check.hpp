#pragma once
// Whether somebody has the second factor of an account: the one place where codes are judged, for sign-in and step-up alike.

#include <cstdint>
#include <optional>
#include <string>

#include "driftstack/call.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/sign_in_desk.hpp"
#include "driftstack/support/secret_text.hpp"
#include "driftstack/task.hpp"
#include "recovery_codes.hpp"
#include "store.hpp"

namespace driftstack::mfa_totp {

enum class Via : std::uint8_t { totp, recovery };

/// What somebody sent: a code of the app, or else a recovery code.
struct Proof {
  std::optional<SecretText> code, recovery_code;
};

/// A proof whose slow part is done.
struct PreparedProof {
  Via via = Via::totp;
  std::string code;    ///< six digits
  std::string digest;  ///< of a recovery code; empty when the text can be none
};

enum class Verdict : std::uint8_t {
  accepted,
  wrong,
  replayed,      ///< right, but it, or a later one, was accepted before; counts for nothing
  paused,        ///< not looked at
  not_enrolled,  ///< no factor that works
};

struct Judgement {
  Verdict verdict = Verdict::not_enrolled;
  Via via = Via::totp;
  std::int64_t remaining_codes = 0;  ///< of an accepted recovery code
  std::int64_t paused_seconds = 0;
};

/// The problem of whatever is not accepted.
Error refusal(const Judgement& judgement);

/// [io-thread]
class ProofCheck {
 public:
  struct Parts {
    const RecoveryCodes& recovery;
    const SeedVault& vault;
    SignInDesk& desk;
    AuditLog& audit;
  };
  explicit ProofCheck(Parts parts) noexcept : parts_(parts) {}

  /// Outside of a transaction: the hash of a recovery code. feature_unavailable when too many hashes wait.
  AsyncResult<PreparedProof> prepare(const Call& call, const Factor& factor, const Proof& proof) const;
  /// Inside of one, after `hold`. What it writes must be committed whatever the verdict: failures count. The tenth of an account within a
  /// quarter of an hour pauses it and tells its owner.
  AsyncResult<Judgement> judge(db::Transaction& transaction, Uuid account, PreparedProof proof, std::int64_t now) const;
  /// `account.recovery_code_used`, when one was. Takes the lock of the audit chain.
  AsyncResult<> note(db::Transaction& transaction, const Call& call, const Uuid& account, const Judgement& judgement) const;

 private:
  AsyncResult<Judgement> judge_code(db::Transaction& transaction, const Factor& factor, std::string code, std::int64_t now) const;
  AsyncResult<Judgement> judge_recovery(db::Transaction& transaction, Uuid account, std::string digest, std::int64_t now) const;
  AsyncResult<> count_failure(db::Transaction& transaction, Uuid account, std::int64_t now) const;

  Parts parts_;
};

}  // namespace driftstack::mfa_totp

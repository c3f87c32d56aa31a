#pragma once
// The second half of a sign-in, and showing the factor again. identity.md 4.3, 4.5.

#include <cstdint>
#include <string>

#include "driftstack/host.hpp"
#include "driftstack/roles/second_factor.hpp"
#include "proof_check.hpp"
#include "store.hpp"

namespace driftstack::mfa_totp {

/// A sign-in that was completed.
struct Exchanged {
  IssuedWebSession session;
  Uuid account;
  Via via = Via::totp;
};

struct SteppedUp {
  Via via = Via::totp;
  std::int64_t satisfied_at = 0;
};

/// [io-thread]
class Challenges final : public SecondFactor {
 public:
  struct Parts {
    Store& store;
    const ProofCheck& check;
    SignInDesk& desk;
    Clock& clock;
  };
  explicit Challenges(Parts parts) noexcept : parts_(parts) {}

  AsyncResult<std::optional<SignInChallenge>> challenge(db::Transaction& transaction, const Call& call, const Uuid& account) override;
  AsyncResult<> end_challenges(db::Transaction& transaction, const Uuid& account) override;
  AsyncResult<> remove(db::Transaction& transaction, const Uuid& account) override;
  AsyncResult<bool> is_enrolled(const Call& call, const Uuid& account) override;

  /// A challenge and a proof for a web session. bad_request (wrong code; unknown, used or expired challenge; another address),
  /// rate_limited, forbidden (the account lets nobody in).
  AsyncResult<Exchanged> exchange(const Call& call, std::string token, Proof proof);
  /// A proof that makes the calling web session's factor fresh. bad_request, rate_limited, not_found (no factor).
  AsyncResult<SteppedUp> step_up(const Call& call, Proof proof);

 private:
  /// What a transaction of `exchange` came to.
  struct Attempt {
    Challenge challenge;
    PreparedProof proof;
    bool is_alive = false;
    Judgement judgement;
    IssuedWebSession session;
  };
  AsyncResult<> attempt(db::Transaction& transaction, const Call& call, Attempt& attempt);
  AsyncResult<> fail(db::Transaction& transaction, const Attempt& attempt);

  Parts parts_;
};

}  // namespace driftstack::mfa_totp

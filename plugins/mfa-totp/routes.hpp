#pragma once
// The operations of this plugin.

#include "challenges.hpp"
#include "driftstack/http.hpp"
#include "driftstack/support/routes.hpp"
#include "enrolment.hpp"
#include "wire.hpp"

namespace driftstack::mfa_totp {

/// [io-thread]
class Operations {
 public:
  Operations(Enrolment& enrolment, Challenges& challenges) noexcept : enrolment_(enrolment), challenges_(challenges) {}

  /// Declares every route; this object must outlive them.
  void declare(Routes& routes);

  AsyncResult<InvitationView> enroll(const Call& call, const Request& request);
  AsyncResult<RecoveryCodesView> verify(const Call& call, const Request& request, CodeBody body);
  AsyncResult<StatusView> status(const Call& call, const Request& request);
  AsyncResult<> disable(const Call& call, const Request& request, DisableBody body);
  AsyncResult<RecoveryCodesView> regenerate(const Call& call, const Request& request);
  AsyncResult<ExchangedView> challenge(const Call& call, const Request& request, ChallengeBody body);
  AsyncResult<StepUpView> step_up(const Call& call, const Request& request, StepUpBody body);

 private:
  Enrolment& enrolment_;
  Challenges& challenges_;
};

}  // namespace driftstack::mfa_totp

#include "routes.hpp"

#include <utility>

#include "qr_code.hpp"

namespace driftstack::mfa_totp {
namespace {

std::optional<Timestamp> time_of(const std::optional<std::int64_t>& micros) {
  return micros ? std::optional(Timestamp::from_micros(*micros)) : std::nullopt;
}

Result<RecoveryCodesView> view_of(Result<std::vector<std::string>> codes) {
  if (!codes) return std::move(codes).error();
  RecoveryCodesView view;
  view.recovery_codes = *std::move(codes);
  return view;
}

template <class Body>
Proof proof_in(Body& body) {
  Proof proof;
  if (body.code) proof.code = body.code->take();
  proof.recovery_code = std::move(body.recovery_code);
  return proof;
}

RouteDeclaration& for_people(RouteDeclaration&& route) {
  return route.access(Authentication::web_session, ScopeSet{}, TeamAccess::ignored, "global");
}

}  // namespace

void Operations::declare(Routes& routes) {
  for_people(routes.post("/v1/account/mfa/enroll", "enroll_mfa", "Begin to use an authenticator app; the account is not protected yet."))
      .to<&Operations::enroll>(*this);
  for_people(routes.post("/v1/account/mfa/verify", "verify_mfa", "Prove that the app has the secret: from now on signing in asks for it."))
      .to<&Operations::verify>(*this);
  routes.get("/v1/account/mfa", "get_mfa", "Whether the account has a second factor.")
      .bearer(ScopeSet{Scope::read}, TeamAccess::ignored)
      .to<&Operations::status>(*this);
  for_people(routes.delete_("/v1/account/mfa", "disable_mfa", "Remove the second factor.")).step_up().to<&Operations::disable>(*this);
  for_people(routes.post("/v1/account/mfa/disable", "disable_mfa_by_post", "Remove the second factor."))
      .step_up()
      .success(204)
      .to<&Operations::disable>(*this);
  for_people(routes.post("/v1/account/mfa/recovery-codes/regenerate", "regenerate_recovery_codes",
                         "New recovery codes; every older one is worthless."))
      .step_up()
      .to<&Operations::regenerate>(*this);
  routes.post("/v1/auth/mfa/challenge", "complete_mfa_challenge", "Show the second factor, and be signed in.")
      .open("ip:challenge")
      .to<&Operations::challenge>(*this);
  for_people(routes.post("/v1/auth/mfa/step-up", "step_up", "Show the second factor again, for what needs a fresh one."))
      .to<&Operations::step_up>(*this);
}

AsyncResult<InvitationView> Operations::enroll(const Call& call, const Request&) {
  auto invitation = co_await enrolment_.begin(call);
  if (!invitation) co_return std::move(invitation).error();
  InvitationView view;
  view.qr_svg = qr_svg(invitation->otpauth_uri);
  view.otpauth_uri = std::move(invitation->otpauth_uri);
  view.secret_base32 = std::move(invitation->secret_base32);
  co_return view;
}

AsyncResult<RecoveryCodesView> Operations::verify(const Call& call, const Request&, CodeBody body) {
  co_return view_of(co_await enrolment_.confirm(call, body.code.reveal()));
}

AsyncResult<StatusView> Operations::status(const Call& call, const Request&) {
  auto status = co_await enrolment_.status(call);
  if (!status) co_return std::move(status).error();
  StatusView view;
  view.enrolled = status->enrolled_at.has_value();
  view.enrolled_at = time_of(status->enrolled_at);
  view.last_used_at = time_of(status->last_used_at);
  view.unused_recovery_codes = status->unused_codes;
  co_return view;
}

AsyncResult<> Operations::disable(const Call& call, const Request&, DisableBody) { co_return co_await enrolment_.disable(call); }

AsyncResult<RecoveryCodesView> Operations::regenerate(const Call& call, const Request&) {
  co_return view_of(co_await enrolment_.regenerate(call));
}

AsyncResult<ExchangedView> Operations::challenge(const Call& call, const Request&, ChallengeBody body) {
  auto exchanged = co_await challenges_.exchange(call, std::string(body.challenge_token.reveal()), proof_in(body));
  if (!exchanged) co_return std::move(exchanged).error();
  ExchangedView view;
  view.session.token = std::move(exchanged->session.token);
  view.session.expires_at = Timestamp::from_micros(exchanged->session.expires_at);
  view.session.account_id = AccountId(exchanged->account);
  view.via = exchanged->via;
  co_return view;
}

AsyncResult<StepUpView> Operations::step_up(const Call& call, const Request&, StepUpBody body) {
  auto stepped = co_await challenges_.step_up(call, proof_in(body));
  if (!stepped) co_return std::move(stepped).error();
  StepUpView view;
  view.via = stepped->via;
  view.mfa_satisfied_at = Timestamp::from_micros(stepped->satisfied_at);
  co_return view;
}

}  // namespace driftstack::mfa_totp

#include "people_routes.hpp"

#include <utility>

namespace driftstack::identity {
namespace {

SessionView session_view(SignedIn signed_in) {
  SessionView view;
  view.token = std::move(signed_in.token);
  view.expires_at = Timestamp::from_micros(signed_in.expires_at);
  view.account_id = AccountId(signed_in.account);
  return view;
}

Result<SignedInView> view_of(Result<SignedIn> signed_in) {
  if (!signed_in) return std::move(signed_in).error();
  SignedInView view;
  view.session = session_view(*std::move(signed_in));
  return view;
}

Result<SignInView> outcome_of(Result<SignInOutcome> outcome) {
  if (!outcome) return std::move(outcome).error();
  SignInView view;
  if (auto* const signed_in = std::get_if<SignedIn>(&*outcome)) {
    view.session = session_view(std::move(*signed_in));
    return view;
  }
  auto& challenge = std::get<SignInChallenge>(*outcome);
  view.mfa_required = true;
  view.challenge_token = std::move(challenge.token);
  view.challenge_expires_at = Timestamp::from_micros(challenge.expires_at);
  return view;
}

WebSessionEntry view_of(const WebSession& session, const Principal& caller) {
  WebSessionEntry view;
  view.id = WebSessionId(session.id);
  view.os = session.os;
  view.browser = session.browser;
  view.last_used_at = Timestamp::from_micros(session.last_used_at);
  view.expires_at = Timestamp::from_micros(session.expires_at);
  view.current = caller.kind == CredentialKind::web_session && caller.credential == session.id;
  return view;
}

}  // namespace

void PeopleOperations::declare(Routes& routes) {
  declare_sign_in(routes);
  declare_links(routes);
  declare_sessions(routes);
  declare_account(routes);
}

void PeopleOperations::declare_sign_in(Routes& routes) {
  routes.post("/v1/auth/signup", "sign_up", "Make an account; it can be used once its address is verified.")
      .open("ip:signup")
      .to<&PeopleOperations::sign_up>(*this);
  routes.post("/v1/auth/login", "login", "Sign in with address and password.").open("ip:login").to<&PeopleOperations::login>(*this);
  routes.post("/v1/auth/refresh", "refresh_web_session", "Trade a web session for a fresh one.")
      .open("ip:refresh")
      .to<&PeopleOperations::refresh>(*this);
  routes.post("/v1/auth/logout", "logout", "End a web session.").open("ip:refresh").to<&PeopleOperations::logout>(*this);
}

void PeopleOperations::declare_links(Routes& routes) {
  routes.post("/v1/auth/verify-email", "verify_email", "Prove an address with the token of its mail, and sign in.")
      .open("ip:token")
      .to<&PeopleOperations::verify_email>(*this);
  routes.post("/v1/auth/resend-verification", "resend_verification", "Send the mail that verifies an address again.")
      .open("ip:mail")
      .to<&PeopleOperations::resend_verification>(*this);
  routes.post("/v1/auth/magic-link/request", "request_magic_link", "Send a sign-in link by mail.")
      .open("ip:magic-link")
      .to<&PeopleOperations::request_magic_link>(*this);
  routes.post("/v1/auth/magic-link/consume", "consume_magic_link", "Sign in with the token of a sign-in link.")
      .open("ip:token")
      .to<&PeopleOperations::consume_magic_link>(*this);
  routes.post("/v1/auth/password-reset/request", "request_password_reset", "Send a link to set a new password by mail.")
      .open("ip:mail")
      .to<&PeopleOperations::request_password_reset>(*this);
  routes.post("/v1/auth/password-reset/confirm", "confirm_password_reset", "Set a new password, end every web session, and sign in.")
      .open("ip:token")
      .to<&PeopleOperations::confirm_password_reset>(*this);
}

void PeopleOperations::declare_sessions(Routes& routes) {
  routes.get("/v1/account/web-sessions", "list_web_sessions", "Where the account is signed in.")
      .bearer(ScopeSet{Scope::read}, TeamAccess::ignored)
      .to<&PeopleOperations::list_web_sessions>(*this);
  routes.delete_("/v1/account/web-sessions", "end_other_web_sessions", "End every web session but the one that asks.")
      .bearer(ScopeSet{Scope::account_owner}, TeamAccess::ignored)
      .query<KeepQuery>()
      .to<&PeopleOperations::end_other_web_sessions>(*this);
  routes.delete_("/v1/account/web-sessions/{id}", "end_web_session", "End one web session.")
      .bearer(ScopeSet{Scope::account_owner}, TeamAccess::ignored)
      .to<&PeopleOperations::end_web_session>(*this);
}

void PeopleOperations::declare_account(Routes& routes) {
  routes.get("/v1/account/email-preferences", "list_email_preferences", "Which optional mails the account gets.")
      .bearer(ScopeSet{Scope::account_owner}, TeamAccess::member_read)
      .to<&PeopleOperations::list_email_preferences>(*this);
  routes.put("/v1/account/email-preferences", "set_email_preference", "Switch one optional mail on or off.")
      .bearer(ScopeSet{Scope::account_owner}, TeamAccess::admin_write)
      .to<&PeopleOperations::set_email_preference>(*this);
  routes.delete_("/v1/account/me", "delete_account", "Delete the own account for ever.")
      .access(Authentication::web_session, ScopeSet{}, TeamAccess::ignored, "global")
      .step_up()
      .to<&PeopleOperations::delete_account>(*this);
}

std::optional<std::string> PeopleOperations::shown(std::string token) const {
  return parts_.show_tokens == ShowTokens::yes ? std::optional(std::move(token)) : std::nullopt;
}

AsyncResult<SignedUp> PeopleOperations::sign_up(const Call& call, const Request&, SignUpBody body) {
  SignUpWish wish;
  wish.email = std::move(body.email);
  wish.password = std::move(body.password);
  wish.name = std::move(body.name);
  auto sent = co_await parts_.sign_up.sign_up(call, std::move(wish));
  if (!sent) co_return std::move(sent).error();
  SignedUp view;
  view.verification_email_expires_at = Timestamp::from_micros(sent->expires_at);
  view.debug_token = shown(std::move(sent->token));
  co_return view;
}

AsyncResult<LinkSent> PeopleOperations::send_link(const Call& call, LinkKind kind, EmailAddress email) {
  auto sent = co_await parts_.sign_up.send_link(call, kind, std::move(email));
  if (!sent) co_return std::move(sent).error();
  LinkSent view;
  view.expires_at = Timestamp::from_micros(sent->expires_at);
  view.debug_token = shown(std::move(sent->token));
  co_return view;
}

AsyncResult<LinkSent> PeopleOperations::resend_verification(const Call& call, const Request&, EmailBody body) {
  co_return co_await send_link(call, LinkKind::verify_email, std::move(body.email));
}

AsyncResult<LinkSent> PeopleOperations::request_magic_link(const Call& call, const Request&, EmailBody body) {
  co_return co_await send_link(call, LinkKind::magic_link, std::move(body.email));
}

AsyncResult<LinkSent> PeopleOperations::request_password_reset(const Call& call, const Request&, EmailBody body) {
  co_return co_await send_link(call, LinkKind::password_reset, std::move(body.email));
}

AsyncResult<SignedInView> PeopleOperations::verify_email(const Call& call, const Request&, TokenBody body) {
  co_return view_of(co_await parts_.sign_in.with_verification(call, body.token.reveal()));
}

AsyncResult<SignInView> PeopleOperations::consume_magic_link(const Call& call, const Request&, TokenBody body) {
  co_return outcome_of(co_await parts_.sign_in.with_magic_link(call, body.token.reveal()));
}

AsyncResult<SignInView> PeopleOperations::confirm_password_reset(const Call& call, const Request&, PasswordResetBody body) {
  co_return outcome_of(co_await parts_.sign_in.with_new_password(call, body.token.reveal(), std::move(body.new_password)));
}

AsyncResult<SignInView> PeopleOperations::login(const Call& call, const Request&, LoginBody body) {
  co_return outcome_of(co_await parts_.sign_in.with_password(call, std::move(body.email), std::move(body.password)));
}

AsyncResult<SignedInView> PeopleOperations::refresh(const Call& call, const Request&, TokenBody body) {
  co_return view_of(co_await parts_.sign_in.refresh(call, body.token.reveal()));
}

AsyncResult<LoggedOut> PeopleOperations::logout(const Call& call, const Request&, TokenBody body) {
  auto done = co_await parts_.sign_in.leave(call, body.token.reveal());
  if (!done) co_return std::move(done).error();
  co_return LoggedOut();
}

AsyncResult<WebSessionList> PeopleOperations::list_web_sessions(const Call& call, const Request&) {
  auto sessions = co_await parts_.sessions.list(call);
  if (!sessions) co_return std::move(sessions).error();
  WebSessionList view;
  view.data.reserve(sessions->size());
  for (const WebSession& session : *sessions) view.data.push_back(view_of(session, *call.principal()));
  co_return view;
}

AsyncResult<> PeopleOperations::end_web_session(const Call& call, const Request& request) {
  const auto id = WebSessionId::from_text(request.parameter("id"));
  if (!id) co_return Error(Errc::not_found, "There is no such web session.");
  co_return co_await parts_.sessions.end(call, id->uuid());
}

AsyncResult<> PeopleOperations::end_other_web_sessions(const Call& call, const Request& request) {
  auto query = bind_query<KeepQuery>(request);
  if (!query) co_return std::move(query).error();
  // A client that means something else by this address must not sign its user out everywhere.
  if (query->keep != "current") co_return Error(Errc::bad_request, "Send ?keep=current to end every web session but this one.");
  co_return co_await parts_.sessions.end_others(call);
}

AsyncResult<PreferenceList> PeopleOperations::list_email_preferences(const Call& call, const Request&) {
  auto preferences = co_await parts_.mails.list(call);
  if (!preferences) co_return std::move(preferences).error();
  PreferenceList view;
  for (const MailPreference& preference : *preferences) {
    PreferenceEntry& entry = view.data.emplace_back();
    entry.event_type = preference.event_type;
    entry.opted_in = preference.opted_in;
  }
  co_return view;
}

AsyncResult<> PeopleOperations::set_email_preference(const Call& call, const Request&, PreferenceEntry body) {
  co_return co_await parts_.mails.choose(call, std::move(body.event_type), body.opted_in);
}

AsyncResult<> PeopleOperations::delete_account(const Call& call, const Request&, DeletionBody) {
  co_return co_await parts_.deletion.delete_own(call);
}

}  // namespace driftstack::identity

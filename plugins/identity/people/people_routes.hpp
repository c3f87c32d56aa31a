#pragma once
// The operations of people: signing up, in and out, and their web sessions.

#include "account_deletion.hpp"
#include "driftstack/http.hpp"
#include "driftstack/support/routes.hpp"
#include "mail/mail_preferences.hpp"
#include "people_wire.hpp"
#include "sign_in.hpp"
#include "sign_up.hpp"
#include "web_sessions.hpp"

namespace driftstack::identity {

/// May answers show the tokens that mails would carry? Only where no mail is sent. identity.md 3.1.
enum class ShowTokens : std::uint8_t { no, yes };

/// [io-thread]
class PeopleOperations {
 public:
  struct Parts {
    SignUp& sign_up;
    SignIn& sign_in;
    WebSessions& sessions;
    MailChoices& mails;
    AccountDeletion& deletion;
    ShowTokens show_tokens;
  };
  explicit PeopleOperations(Parts parts) noexcept : parts_(parts) {}

  /// Declares every route; this object must outlive them.
  void declare(Routes& routes);

  AsyncResult<SignedUp> sign_up(const Call& call, const Request& request, SignUpBody body);
  AsyncResult<SignedInView> verify_email(const Call& call, const Request& request, TokenBody body);
  AsyncResult<LinkSent> resend_verification(const Call& call, const Request& request, EmailBody body);
  AsyncResult<SignInView> login(const Call& call, const Request& request, LoginBody body);
  AsyncResult<LinkSent> request_magic_link(const Call& call, const Request& request, EmailBody body);
  AsyncResult<SignInView> consume_magic_link(const Call& call, const Request& request, TokenBody body);
  AsyncResult<LinkSent> request_password_reset(const Call& call, const Request& request, EmailBody body);
  AsyncResult<SignInView> confirm_password_reset(const Call& call, const Request& request, PasswordResetBody body);
  AsyncResult<SignedInView> refresh(const Call& call, const Request& request, TokenBody body);
  AsyncResult<LoggedOut> logout(const Call& call, const Request& request, TokenBody body);

  AsyncResult<WebSessionList> list_web_sessions(const Call& call, const Request& request);
  AsyncResult<> end_web_session(const Call& call, const Request& request);
  AsyncResult<> end_other_web_sessions(const Call& call, const Request& request);

  AsyncResult<PreferenceList> list_email_preferences(const Call& call, const Request& request);
  AsyncResult<> set_email_preference(const Call& call, const Request& request, PreferenceEntry body);
  AsyncResult<> delete_account(const Call& call, const Request& request, DeletionBody body);

 private:
  void declare_sign_in(Routes& routes);
  void declare_links(Routes& routes);
  void declare_sessions(Routes& routes);
  void declare_account(Routes& routes);
  AsyncResult<LinkSent> send_link(const Call& call, LinkKind kind, EmailAddress email);
  std::optional<std::string> shown(std::string token) const;

  Parts parts_;
};

}  // namespace driftstack::identity

#pragma once
// The JSON shapes of signing up, in and out, and of web sessions. identity.md 3.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/support/secret_text.hpp"
#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "email_address.hpp"
#include "records.hpp"
#include "secret_token.hpp"

namespace driftstack::identity {

inline constexpr std::int64_t kShortestPassword = 12, kLongestPassword = 128;  // identity.md 3.1, in characters

struct SignUpBody {
  EmailAddress email;
  SecretText password;
  std::optional<std::string> name;
  static constexpr auto shape =
      wire::object(wire::field<&SignUpBody::email>("email"),
                   wire::field<&SignUpBody::password>("password", wire::length(kShortestPassword, kLongestPassword)),
                   wire::field<&SignUpBody::name>("name", wire::length(1, 120)));
};

struct SignedUp {
  Timestamp verification_email_expires_at;
  std::optional<std::string> debug_token;
  static constexpr auto shape = wire::object(
      wire::field<&SignedUp::verification_email_expires_at>("verification_email_expires_at"),
      wire::field<&SignedUp::debug_token>("debug_token", wire::doc("Only where mails are not sent (stub mode): the token of the mail.")));
};

struct EmailBody {
  EmailAddress email;
  static constexpr auto shape = wire::object(wire::field<&EmailBody::email>("email"));
};

/// The same whether or not anybody has the address.
struct LinkSent {
  bool sent = true;
  Timestamp expires_at;
  std::optional<std::string> debug_token;
  static constexpr auto shape = wire::object(
      wire::field<&LinkSent::sent>("sent", wire::doc("Always true, also when nobody has the address.")),
      wire::field<&LinkSent::expires_at>("expires_at"),
      wire::field<&LinkSent::debug_token>("debug_token", wire::doc("Only where mails are not sent (stub mode): the token of the mail.")));
};

struct LoginBody {
  EmailAddress email;
  SecretText password;
  static constexpr auto shape =
      wire::object(wire::field<&LoginBody::email>("email"),
                   wire::field<&LoginBody::password>("password", wire::length(kShortestPassword, kLongestPassword)));
};

struct TokenBody {
  TokenText token;
  static constexpr auto shape = wire::object(wire::field<&TokenBody::token>("token"));
};

struct PasswordResetBody {
  TokenText token;
  SecretText new_password;
  static constexpr auto shape =
      wire::object(wire::field<&PasswordResetBody::token>("token"),
                   wire::field<&PasswordResetBody::new_password>("new_password", wire::length(kShortestPassword, kLongestPassword)));
};

struct SessionView {
  std::string token;
  Timestamp expires_at;
  AccountId account_id;
  static constexpr auto shape =
      wire::object(wire::field<&SessionView::token>("token", wire::doc("Send it as a bearer token. It is shown this once.")),
                   wire::field<&SessionView::expires_at>("expires_at"), wire::field<&SessionView::account_id>("account_id"));
};

struct SignedInView {
  SessionView session;
  static constexpr auto shape = wire::object(wire::field<&SignedInView::session>("session"));
};

/// A session, or the question for the second factor: never members of both.
struct SignInView {
  std::optional<SessionView> session;
  std::optional<bool> mfa_required;
  std::optional<std::string> challenge_token;
  std::optional<Timestamp> challenge_expires_at;
  static constexpr auto shape = wire::object(
      wire::field<&SignInView::session>("session", wire::doc("Signed in. Absent when a second factor is needed.")),
      wire::field<&SignInView::mfa_required>("mfa_required", wire::doc("True, with a challenge for POST /v1/auth/mfa/challenge.")),
      wire::field<&SignInView::challenge_token>("challenge_token"), wire::field<&SignInView::challenge_expires_at>("challenge_expires_at"));
};

struct LoggedOut {
  bool ok = true;
  static constexpr auto shape = wire::object(wire::field<&LoggedOut::ok>("ok"));
};

struct WebSessionEntry {
  WebSessionId id;
  std::string os, browser;
  Timestamp last_used_at, expires_at;
  bool current = false;
  static constexpr auto shape = wire::object(
      wire::field<&WebSessionEntry::id>("id"), wire::field<&WebSessionEntry::os>("os"), wire::field<&WebSessionEntry::browser>("browser"),
      wire::field<&WebSessionEntry::last_used_at>("last_used_at"), wire::field<&WebSessionEntry::expires_at>("expires_at"),
      wire::field<&WebSessionEntry::current>("current", wire::doc("True for the session that asks.")));
};

struct WebSessionList {
  std::vector<WebSessionEntry> data;
  static constexpr auto shape = wire::object(wire::field<&WebSessionList::data>("data"));
};

struct DeletionBody {
  std::string confirm;
  friend void check(const DeletionBody& body, wire::Issues& issues) {
    if (body.confirm != "delete-account") issues.add("confirm", wire::IssueCode::enumeration, "must be \"delete-account\"");
  }
  static constexpr auto shape =
      wire::object(wire::field<&DeletionBody::confirm>("confirm", wire::doc("The words \"delete-account\". There is no way back.")));
};

struct PreferenceEntry {
  std::string event_type;
  bool opted_in = true;
  static constexpr auto shape =
      wire::object(wire::field<&PreferenceEntry::event_type>("event_type", wire::doc("A mail that can be switched off.")),
                   wire::field<&PreferenceEntry::opted_in>("opted_in"));
};

struct PreferenceList {
  std::vector<PreferenceEntry> data;
  static constexpr auto shape = wire::object(wire::field<&PreferenceList::data>("data"));
};

struct KeepQuery {
  std::optional<std::string> keep;
  static constexpr auto shape =
      wire::object(wire::field<&KeepQuery::keep>("keep", wire::doc("Must be \"current\"; anything else ends nothing.")));
};

}  // namespace driftstack::identity

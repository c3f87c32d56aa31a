#pragma once
// The JSON shapes of second factors. identity.md 4.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/support/pattern.hpp"
#include "driftstack/support/public_id.hpp"
#include "driftstack/support/secret_text.hpp"
#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "proof_check.hpp"

namespace driftstack::mfa_totp {

using AccountId = PublicId<"acc">;

constexpr auto enum_names(Via) {
  return std::to_array<std::pair<std::string_view, Via>>({{"totp", Via::totp}, {"recovery", Via::recovery}});
}

/// Six digits in a request. A wire text type that is never shown.
class OneTimeCode {
 public:
  static std::optional<OneTimeCode> from_text(std::string_view text) {
    if (!matches_six_digits(text)) return std::nullopt;
    OneTimeCode code;
    code.secret_ = SecretText(text);
    return code;
  }
  void append_text(std::string& out) const { secret_.append_text(out); }
  std::string_view reveal() const noexcept { return secret_.reveal(); }
  SecretText take() { return std::move(secret_); }

  static constexpr std::string_view kFormat = "password";
  static constexpr std::string_view kPattern = kSixDigitsPattern.source;
  static constexpr std::string_view kExpected = kSixDigitsPattern.expected;
  static constexpr bool kSecret = true;

 private:
  SecretText secret_;
};

struct InvitationView {
  std::string otpauth_uri, secret_base32, algorithm = "SHA1";
  std::int64_t digits = kDigits, period_seconds = kPeriodSeconds;
  std::string qr_svg;
  static constexpr auto shape = wire::object(
      wire::field<&InvitationView::otpauth_uri>("otpauth_uri", wire::doc("For the authenticator app, as a link or as a QR code.")),
      wire::field<&InvitationView::secret_base32>("secret_base32", wire::doc("To type where no picture can be read. Shown this once.")),
      wire::field<&InvitationView::algorithm>("algorithm"), wire::field<&InvitationView::digits>("digits"),
      wire::field<&InvitationView::period_seconds>("period_seconds"),
      wire::field<&InvitationView::qr_svg>("qr_svg", wire::doc("otpauth_uri as a QR code, an SVG document.")));
};

struct CodeBody {
  OneTimeCode code;
  static constexpr auto shape = wire::object(wire::field<&CodeBody::code>("code", wire::doc("Of the authenticator app.")));
};

struct RecoveryCodesView {
  std::vector<std::string> recovery_codes;
  static constexpr auto shape = wire::object(
      wire::field<&RecoveryCodesView::recovery_codes>("recovery_codes", wire::doc("Each works once. They are shown this once.")));
};

struct StatusView {
  bool enrolled = false;
  std::optional<Timestamp> enrolled_at, last_used_at;
  std::int64_t unused_recovery_codes = 0;
  static constexpr auto shape =
      wire::object(wire::field<&StatusView::enrolled>("enrolled"), wire::field<&StatusView::enrolled_at>("enrolled_at", wire::nullable),
                   wire::field<&StatusView::last_used_at>("last_used_at", wire::nullable),
                   wire::field<&StatusView::unused_recovery_codes>("unused_recovery_codes"));
};

/// Neither of the two is one issue, at the one that people send.
template <class Body>
void need_a_code(const Body& body, wire::Issues& issues) {
  if (!body.code && !body.recovery_code) issues.add("code", wire::IssueCode::required, "send code or recovery_code");
}

struct ChallengeBody {
  SecretText challenge_token;
  std::optional<OneTimeCode> code;
  std::optional<SecretText> recovery_code;
  friend void check(const ChallengeBody& body, wire::Issues& issues) { need_a_code(body, issues); }
  static constexpr auto shape = wire::object(
      wire::field<&ChallengeBody::challenge_token>("challenge_token", wire::min_length(1)),
      wire::field<&ChallengeBody::code>("code", wire::doc("Of the authenticator app.")),
      wire::field<&ChallengeBody::recovery_code>("recovery_code", wire::min_length(1), wire::doc("Looked at without code only.")));
};

struct StepUpBody {
  std::optional<OneTimeCode> code;
  std::optional<SecretText> recovery_code;
  friend void check(const StepUpBody& body, wire::Issues& issues) { need_a_code(body, issues); }
  static constexpr auto shape = wire::object(
      wire::field<&StepUpBody::code>("code", wire::doc("Of the authenticator app.")),
      wire::field<&StepUpBody::recovery_code>("recovery_code", wire::min_length(1), wire::doc("Looked at without code only.")));
};

struct SessionView {
  std::string token;
  Timestamp expires_at;
  AccountId account_id;
  static constexpr auto shape =
      wire::object(wire::field<&SessionView::token>("token", wire::doc("Send it as a bearer token. It is shown this once.")),
                   wire::field<&SessionView::expires_at>("expires_at"), wire::field<&SessionView::account_id>("account_id"));
};

struct ExchangedView {
  SessionView session;
  Via via = Via::totp;
  static constexpr auto shape = wire::object(wire::field<&ExchangedView::session>("session"), wire::field<&ExchangedView::via>("via"));
};

struct StepUpView {
  Via via = Via::totp;
  Timestamp mfa_satisfied_at;
  static constexpr auto shape =
      wire::object(wire::field<&StepUpView::via>("via"), wire::field<&StepUpView::mfa_satisfied_at>("mfa_satisfied_at"));
};

struct DisableBody {
  std::string confirm;
  friend void check(const DisableBody& body, wire::Issues& issues) {
    if (body.confirm != "disable-mfa") issues.add("confirm", wire::IssueCode::enumeration, "must be \"disable-mfa\"");
  }
  static constexpr auto shape = wire::object(wire::field<&DisableBody::confirm>("confirm", wire::doc("The words \"disable-mfa\".")));
};

}  // namespace driftstack::mfa_totp

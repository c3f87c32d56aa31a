#include "link_mails.hpp"

#include "secret_token.hpp"

namespace driftstack::identity {
namespace {

constexpr std::int64_t kNewsLife = std::int64_t{3} * 24 * 60 * kMinuteMicros;  // news that comes later is odd

struct LinkFacts {
  MailTemplate mail;
  std::int64_t life;
  std::string_view path;
};

LinkFacts facts_of(LinkKind kind) noexcept {
  switch (kind) {
    case LinkKind::verify_email:
      return {MailTemplate::signup_verification, kVerificationLife, "/verify-email"};
    case LinkKind::magic_link:
      return {MailTemplate::magic_link, kMagicLinkLife, "/magic-link"};
    case LinkKind::password_reset:
      break;
  }
  return {MailTemplate::password_reset, kPasswordResetLife, "/reset-password"};
}

}  // namespace

Result<LinkDraft> LinkMails::draft(LinkKind kind, std::string email, std::optional<std::string> name, std::int64_t now) const {
  const LinkFacts facts = facts_of(kind);
  LinkDraft draft;
  draft.link.token = random_secret_token();
  draft.link.expires_at = now + facts.life;
  draft.digest = digest_text(draft.link.token);
  MailDetails details;
  details.to = std::move(email);
  details.name = std::move(name);
  // Behind a # the token is sent to no server by a click: not to us, not to a proxy's log, not as a referrer.
  details.link = site_ + std::string(facts.path) + "#token=" + draft.link.token;
  auto mail = seal_.make(facts.mail, details, now, draft.link.expires_at);
  if (!mail) return std::move(mail).error();
  draft.mail = *std::move(mail);
  return draft;
}

Result<LinkDraft> LinkMails::invite(const Account& owner, std::string email, std::int64_t now, std::int64_t expires_at) const {
  LinkDraft draft;
  draft.link.token = random_secret_token();
  draft.link.expires_at = expires_at;
  draft.digest = digest_text(draft.link.token);
  MailDetails details;
  details.to = std::move(email);
  details.from = owner.email;
  details.link = site_ + "/team-invite#token=" + draft.link.token;
  auto mail = seal_.make(MailTemplate::team_invite, details, now, expires_at);
  if (!mail) return std::move(mail).error();
  draft.mail = *std::move(mail);
  draft.mail.account = owner.id;
  return draft;
}

Result<MailJob> LinkMails::welcome(const Account& account, std::int64_t now) const {
  return to_account(MailTemplate::signup_welcome, account, "/docs", now);
}

Result<MailJob> LinkMails::notice(MailTemplate kind, const Account& account, std::int64_t now) const {
  return to_account(kind, account, "/account/security", now);
}

Result<MailJob> LinkMails::to_account(MailTemplate kind, const Account& account, std::string_view path, std::int64_t now) const {
  MailDetails details;
  details.to = account.email;
  details.name = account.name;
  details.link = site_ + std::string(path);
  auto mail = seal_.make(kind, details, now, now + kNewsLife);
  if (mail) mail->account = account.id;
  return mail;
}

}  // namespace driftstack::identity

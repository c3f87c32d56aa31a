#pragma once
// Links and the mails that carry them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "driftstack/result.hpp"
#include "driftstack/support/secret_text.hpp"
#include "mail/mail_job.hpp"
#include "person.hpp"

namespace driftstack::identity {

/// A link that is on its way: when it ends, and the token that the mail shows.
struct SentLink {
  std::string token;
  std::int64_t expires_at = 0;
};

/// A link that exists nowhere yet.
struct LinkDraft {
  SentLink link;
  std::string digest;
  MailJob mail;
};

/// [any-thread]
class LinkMails {
 public:
  /// `site` is where the pages are that the links lead to, without a slash at the end.
  LinkMails(const MailSeal& seal, std::string site) : seal_(seal), site_(std::move(site)) {}

  /// A fresh token with its mail. The account of the mail is the caller's to fill in.
  Result<LinkDraft> draft(LinkKind kind, std::string email, std::optional<std::string> name, std::int64_t now) const;
  /// A fresh token with the mail that invites an address to the owner's team. The mail belongs to the owner: nobody may have the address
  /// yet.
  Result<LinkDraft> invite(const Account& owner, std::string email, std::int64_t now, std::int64_t expires_at) const;
  /// The mail that greets an account which just proved its address.
  Result<MailJob> welcome(const Account& account, std::int64_t now) const;
  /// A mail about the safety of an account.
  Result<MailJob> notice(MailTemplate kind, const Account& account, std::int64_t now) const;

 private:
  Result<MailJob> to_account(MailTemplate kind, const Account& account, std::string_view path, std::int64_t now) const;

  const MailSeal& seal_;
  const std::string site_;
};

}  // namespace driftstack::identity

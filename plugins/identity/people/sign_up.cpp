#include "sign_up.hpp"

#include <utility>

#include "driftstack/support/random_bytes.hpp"
#include "mail/mail_store.hpp"
#include "migrations.hpp"

namespace driftstack::identity {

AsyncResult<SentLink> SignUp::sign_up(const Call& call, SignUpWish wish) {
  auto password = co_await parts_.passwords.make(std::move(wish.password));
  if (!password) co_return std::move(password).error();
  const std::int64_t now = parts_.clock.unix_micros();
  Account account;
  account.id = random_uuid();
  account.email = wish.email.text();
  account.name = std::move(wish.name);
  account.tier = kFreeTier;
  account.created_at = now;
  auto draft = parts_.mails.draft(LinkKind::verify_email, account.email, account.name, now);
  if (!draft) co_return std::move(draft).error();
  draft->mail.account = account.id;

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    auto written = co_await in_transaction::insert_account(transaction, account, *password, *change);
    if (!written) co_return written;
    written = co_await in_transaction::insert_link(transaction, account.id, LinkKind::verify_email, draft->digest, draft->link.expires_at);
    if (!written) co_return written;
    co_return co_await in_transaction::insert_mail(transaction, draft->mail);
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  if (!done && done.error().code == Errc::conflict && done.error().constraint == kEmailTaken) {
    co_return Error(Errc::email_already_registered, "There is an account with this e-mail address already.");
  }
  if (!done) co_return std::move(done).error();
  co_return std::move(draft->link);
}

AsyncResult<SentLink> SignUp::send_link(const Call& call, LinkKind kind, EmailAddress email) {
  auto draft = parts_.mails.draft(kind, email.text(), std::nullopt, parts_.clock.unix_micros());
  if (!draft) co_return std::move(draft).error();
  LinkRequest request;
  request.email = email.text();
  request.kind = kind;
  request.digest = std::move(draft->digest);
  request.expires_at = draft->link.expires_at;
  request.mail = std::move(draft->mail);
  auto done = co_await parts_.store.request_link(call, std::move(request));
  if (!done) co_return std::move(done).error();
  co_return std::move(draft->link);
}

}  // namespace driftstack::identity

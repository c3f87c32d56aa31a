#include "sign_in_counter.hpp"

#include <utility>

#include "audit_payloads.hpp"
#include "mail/mail_store.hpp"
#include "session_minting.hpp"

namespace driftstack::identity {
namespace {

Error no_account() { return Error(Errc::not_found, "The account does not exist any more."); }

MailTemplate template_of(SecurityNotice notice) noexcept {
  return notice == SecurityNotice::second_factor_enabled ? MailTemplate::mfa_enabled : MailTemplate::mfa_signin_paused;
}

}  // namespace

AsyncResult<std::string> SignInCounter::email_of(const Call& call, const Uuid& account) {
  auto found = co_await parts_.accounts.find_account(call, account);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return no_account();
  co_return std::move((**found).email);
}

AsyncResult<> SignInCounter::hold(db::Transaction& transaction, const Uuid& account) {
  co_return co_await transaction.lock(in_transaction::people_lock(account));
}

AsyncResult<IssuedWebSession> SignInCounter::sign_in(db::Transaction& transaction, const Call& call, const Uuid& account,
                                                     std::string method, std::int64_t now) {
  auto person = co_await in_transaction::find_person(transaction, account);
  if (!person) co_return std::move(person).error();
  if (!*person || !(**person).is_active() || !(**person).is_verified()) co_return Error(Errc::forbidden, "The account lets nobody in.");
  NewSession session = new_session(call, account, now);
  session.row.mfa_satisfied_at = now;
  auto change = co_await in_transaction::next_change(transaction);
  if (!change) co_return std::move(change).error();
  auto step = co_await in_transaction::insert_session(transaction, session.row, *change);
  if (!step) co_return std::move(step).error();
  step = co_await parts_.audit.append(transaction, login_entry(call, account, std::move(method)));
  if (!step) co_return std::move(step).error();
  IssuedWebSession issued;
  issued.token = std::move(session.answer.token);
  issued.expires_at = session.answer.expires_at;
  co_return issued;
}

AsyncResult<> SignInCounter::refresh_factor(db::Transaction& transaction, const Call& call, std::int64_t now) {
  const Principal& caller = *call.principal();
  auto refreshed = co_await in_transaction::set_mfa_satisfied(transaction, caller.account, caller.credential, now);
  if (!refreshed) co_return std::move(refreshed).error();
  if (!*refreshed) co_return Error(Errc::unauthorized, "The web session has ended; sign in again.");
  co_return Done();
}

AsyncResult<> SignInCounter::notify(db::Transaction& transaction, const Uuid& account, SecurityNotice notice, std::int64_t now) {
  auto person = co_await in_transaction::find_person(transaction, account);
  if (!person) co_return std::move(person).error();
  if (!*person) co_return no_account();
  auto mail = parts_.mails.notice(template_of(notice), (**person).account, now);
  if (!mail) co_return std::move(mail).error();
  co_return co_await in_transaction::insert_mail(transaction, *std::move(mail));
}

}  // namespace driftstack::identity

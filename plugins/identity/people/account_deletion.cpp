#include "account_deletion.hpp"

#include <utility>

#include "audit_payloads.hpp"
#include "mail/mail_store.hpp"

namespace driftstack::identity {

AsyncResult<> AccountDeletion::delete_own(const Call& call) {
  const Uuid account = call.principal()->account;
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto step = co_await transaction.lock(in_transaction::keys_lock(account));
    if (!step) co_return step;
    step = co_await transaction.lock(in_transaction::people_lock(account));
    if (!step) co_return step;
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    const std::int64_t now = parts_.clock.unix_micros();
    auto deleted = co_await in_transaction::set_deleted(transaction, account, *change);
    if (!deleted) co_return std::move(deleted).error();
    if (!*deleted) co_return Error(Errc::forbidden, "The account is deleted.");  // another request was faster
    step = co_await in_transaction::revoke_keys(transaction, account, now, *change);
    if (!step) co_return step;
    auto ended = co_await in_transaction::end_sessions(transaction, account, std::nullopt, now, *change);
    if (!ended) co_return std::move(ended).error();
    step = co_await in_transaction::remove_links(transaction, account);
    if (!step) co_return step;
    step = co_await in_transaction::remove_mails(transaction, account);
    if (!step) co_return step;
    co_return co_await parts_.audit.append(transaction, AuditEntry::by_caller(call, kAccountDeleted));
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  // Also when the outcome is unknown: a look too many costs little, a look too few lets somebody in.
  parts_.versions.moved(account);
  co_return done;
}

}  // namespace driftstack::identity

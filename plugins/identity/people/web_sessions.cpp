#include "web_sessions.hpp"

#include <optional>
#include <utility>

#include "audit_payloads.hpp"

namespace driftstack::identity {

AsyncResult<std::vector<WebSession>> WebSessions::list(const Call& call) {
  co_return co_await parts_.store.list_sessions(call, call.principal()->account, parts_.clock.unix_micros());
}

AsyncResult<> WebSessions::end(const Call& call, Uuid session) {
  const Uuid account = call.principal()->account;
  auto found = co_await parts_.store.find_session_of(call, account, session);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return Error(Errc::not_found, "There is no such web session.");

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    if (auto locked = co_await transaction.lock(in_transaction::people_lock(account)); !locked) co_return locked;
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    auto ended = co_await in_transaction::end_session(transaction, account, session, parts_.clock.unix_micros(), *change);
    if (!ended) co_return std::move(ended).error();
    if (!*ended) co_return Done();
    AuditEntry entry = AuditEntry::by_caller(call, kWebSessionRevoked);
    entry.target = WebSessionId(session).to_text();
    entry.payload = one_session_payload();
    co_return co_await parts_.audit.append(transaction, std::move(entry));
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  // Also when the outcome is unknown: a look too many costs little.
  parts_.versions.moved(session);
  co_return done;
}

AsyncResult<> WebSessions::end_others(const Call& call) {
  const Principal& caller = *call.principal();
  const Uuid account = caller.account;
  const auto keep = caller.kind == CredentialKind::web_session ? std::optional(caller.credential) : std::nullopt;

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    if (auto locked = co_await transaction.lock(in_transaction::people_lock(account)); !locked) co_return locked;
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    auto ended = co_await in_transaction::end_sessions(transaction, account, keep, parts_.clock.unix_micros(), *change);
    if (!ended) co_return std::move(ended).error();
    AuditEntry entry = AuditEntry::by_caller(call, kWebSessionRevoked);
    entry.payload = other_sessions_payload(static_cast<std::int64_t>(ended->size()));
    co_return co_await parts_.audit.append(transaction, std::move(entry));
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  parts_.versions.moved(account);
  co_return done;
}

}  // namespace driftstack::identity

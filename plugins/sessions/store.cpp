#include "store.hpp"

#include <stdexcept>
#include <utility>

#include "driftstack/support/wire.hpp"
#include "migrations.hpp"

namespace driftstack::sessions {
namespace {

#define SESSION_COLUMNS                                                                                                               \
  "id, account_id, api_key_id, status, archetype, label, metadata, created_at, updated_at, last_state_at, destroyed_at, profile_id, " \
  "proxy_id"

// The count is exact because the lock of the account stands before this statement in the transaction.
constinit const db::Statement kInsertUnderCap(
    "INSERT INTO sessions (id, account_id, api_key_id, node, status, archetype, label, metadata, created_at, updated_at, profile_id, "
    "proxy_id) "
    "SELECT $1, $2, $3, $4, 'creating', $5, $6, $7, $8, $8, $10, $11 "
    "WHERE (SELECT count(*) FROM sessions WHERE account_id = $2 AND status IN ('creating', 'ready')) + "
    "(SELECT count(*) FROM sessions_slots WHERE account_id = $2 AND expires_at > $8) < $9");

constinit const db::Statement kSelectOpen(
    "SELECT id FROM sessions WHERE account_id = $1 AND status IN ('creating', 'ready') ORDER BY created_at DESC, id DESC");

constinit const db::Statement kCountOpen(
    "SELECT (SELECT count(*) FROM sessions WHERE account_id = $1 AND status IN ('creating', 'ready')) + "
    "(SELECT count(*) FROM sessions_slots WHERE account_id = $1 AND expires_at > $2)");

constinit const db::Statement kUpdateReady("UPDATE sessions SET status = 'ready', updated_at = $2 WHERE id = $1 AND status = 'creating'");

constinit const db::Statement kUpdateEnded(
    "UPDATE sessions SET status = $3, end_reason = $4, updated_at = $5, destroyed_at = $5 "
    "WHERE id = $1 AND account_id = $2 AND status IN ('creating', 'ready')");

constinit const db::Statement kUpdateLeftBehind(
    "UPDATE sessions SET status = 'errored', end_reason = $2, updated_at = $3, destroyed_at = $3 "
    "WHERE node = $1 AND status IN ('creating', 'ready')");

constinit const db::Statement kUpdateStateRead("UPDATE sessions SET last_state_at = $3, updated_at = $3 WHERE id = $1 AND account_id = $2");

constinit const db::Statement kSelectOne("SELECT " SESSION_COLUMNS " FROM sessions WHERE id = $1 AND account_id = $2");

constinit const db::Statement kSelectPage("SELECT " SESSION_COLUMNS
                                          " FROM sessions WHERE account_id = $1 AND (created_at, id) < ($2, $3) "
                                          "ORDER BY created_at DESC, id DESC LIMIT $4");

constinit const db::Statement kSelectPageOfStatus("SELECT " SESSION_COLUMNS
                                                  " FROM sessions WHERE account_id = $1 AND status = $5 AND (created_at, id) < ($2, $3) "
                                                  "ORDER BY created_at DESC, id DESC LIMIT $4");

// 500: slices keep the one writer of SQLite free for others.
constinit const db::Statement kDeleteEnded(
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE destroyed_at < $1 ORDER BY destroyed_at LIMIT 500) AND destroyed_at < "
    "$1");

Uuid uuid_from_row(std::string_view text) {
  const auto id = Uuid::from_text(text);
  if (!id) throw std::logic_error("sessions: a stored id is no UUID");
  return *id;
}

Session session_from_row(const db::Row& row) {
  const auto status = wire::enum_from_text<Status>(row.text(3));
  if (!status) throw std::logic_error("sessions: a stored status is unknown");
  Session session;
  session.id = SessionId(uuid_from_row(row.text(0)));
  session.account = uuid_from_row(row.text(1));
  if (!row.is_null(2)) session.api_key = uuid_from_row(row.text(2));
  session.status = *status;
  session.archetype = row.text(4);
  session.label = row.maybe_text(5);
  session.metadata = row.maybe_text(6);
  session.created_at = row.integer(7);
  session.updated_at = row.integer(8);
  session.last_state_at = row.maybe_integer(9);
  session.destroyed_at = row.maybe_integer(10);
  if (!row.is_null(11)) session.profile = uuid_from_row(row.text(11));
  if (!row.is_null(12)) session.proxy = uuid_from_row(row.text(12));
  return session;
}

std::optional<std::string> key_column(const Uuid& key) { return key.is_nil() ? std::nullopt : std::optional(key.to_text()); }
std::optional<std::string> id_column(const std::optional<Uuid>& id) { return id ? std::optional(id->to_text()) : std::nullopt; }

}  // namespace

std::string concurrency_lock(const Uuid& account) { return "sessions.concurrent:" + account.to_text(); }

AsyncResult<std::int64_t> count_open(db::Transaction& tx, const Uuid& account, std::int64_t now) {
  auto rows = co_await tx.run(kCountOpen, db::values(account.to_text(), now));
  if (!rows) co_return std::move(rows).error();
  co_return (*rows)[0].integer(0);
}

AsyncResult<> SessionStore::migrate(const Call& call) { co_return co_await database_.migrate(call, "sessions", kMigrations); }

AsyncResult<std::int64_t> SessionStore::error_left_behind(const Call& call, std::int64_t now) {
  std::int64_t left_behind = 0;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto rows = co_await tx.run(kUpdateLeftBehind, db::values(node_, name_of(EndReason::server), now));
    if (!rows) co_return std::move(rows).error();
    left_behind = rows->changed();
    co_return co_await free_leases_of_node(tx, node_);
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return left_behind;
}

AsyncResult<Admission> SessionStore::insert(const Call& call, const Session& session, std::int64_t limit, const AuditEntry& created,
                                            const std::optional<ProfileClaim>& claim) {
  Admission admission;
  const std::string account = session.account.to_text();
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    admission = Admission();
    auto locked = co_await tx.lock(concurrency_lock(session.account));
    if (!locked) co_return std::move(locked).error();
    if (claim) {
      auto fits = co_await check_claim(tx, *claim);
      if (!fits) co_return std::move(fits).error();
    }
    auto values = db::values(session.id.uuid().to_text(), account, key_column(session.api_key), node_, session.archetype, session.label,
                             session.metadata, session.created_at, limit, id_column(session.profile), id_column(session.proxy));
    auto inserted = co_await tx.run(kInsertUnderCap, std::move(values));
    if (!inserted) co_return std::move(inserted).error();
    if (inserted->changed() == 0) {
      auto open = co_await tx.run(kSelectOpen, db::values(account));
      if (!open) co_return std::move(open).error();
      for (std::size_t i = 0; i < open->size(); ++i) admission.open.emplace_back(uuid_from_row((*open)[i].text(0)));
      auto taken = co_await sessions::count_open(tx, session.account, session.created_at);
      if (!taken) co_return std::move(taken).error();
      admission.taken = *taken;
      co_return Done();
    }
    admission.admitted = true;
    if (claim) {
      auto taken = co_await take_lease(tx, *claim, session.id.uuid(), node_, session.created_at);
      if (!taken) co_return std::move(taken).error();
    }
    AuditEntry entry = created;
    co_return co_await audit_.append(tx, std::move(entry));
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return std::move(admission);
}

AsyncResult<bool> SessionStore::become_ready(const Call& call, const SessionId& id, std::int64_t now, IdempotencyRecord* record,
                                             const std::string& answer) {
  if (record == nullptr) {
    auto rows = co_await database_.write(call, kUpdateReady, db::values(id.uuid().to_text(), now));
    if (!rows) co_return std::move(rows).error();
    co_return rows->changed() == 1;
  }
  bool changed = false;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto rows = co_await tx.run(kUpdateReady, db::values(id.uuid().to_text(), now));
    if (!rows) co_return std::move(rows).error();
    changed = rows->changed() == 1;
    if (!changed) co_return Done();
    co_return co_await record->complete(tx, 201, answer, id.to_text());
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return changed;
}

AsyncResult<bool> SessionStore::end(const Call& call, const Uuid& account, const SessionId& id, const Ending& ending) {
  bool changed = false;
  const auto status = wire::enum_text(ending.status());
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto values = db::values(id.uuid().to_text(), account.to_text(), status, name_of(ending.reason), ending.ended_at);
    auto rows = co_await tx.run(kUpdateEnded, std::move(values));
    if (!rows) co_return std::move(rows).error();
    changed = rows->changed() == 1;
    if (!changed) co_return Done();
    auto freed = co_await free_lease(tx, id.uuid());
    if (!freed) co_return std::move(freed).error();
    if (!ending.audit) co_return Done();
    AuditEntry entry = *ending.audit;
    co_return co_await audit_.append(tx, std::move(entry));
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return changed;
}

AsyncResult<> SessionStore::note_state_read(const Call& call, const Uuid& account, const SessionId& id, std::int64_t now) {
  auto rows = co_await database_.write(call, kUpdateStateRead, db::values(id.uuid().to_text(), account.to_text(), now));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

AsyncResult<std::optional<Session>> SessionStore::find(const Call& call, const Uuid& account, const SessionId& id) {
  auto rows = co_await database_.read(call, kSelectOne, db::values(id.uuid().to_text(), account.to_text()));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<Session>();
  co_return std::optional<Session>(session_from_row((*rows)[0]));
}

AsyncResult<std::vector<Session>> SessionStore::page(const Call& call, const Uuid& account, std::optional<Status> status,
                                                     const CursorPosition& after, std::int64_t limit) {
  auto values = db::values(account.to_text(), after.micros, after.id, limit);
  if (status) values.emplace_back(wire::enum_text(*status));
  const db::Statement& statement = status ? kSelectPageOfStatus : kSelectPage;
  auto rows = co_await database_.read(call, statement, std::move(values));
  if (!rows) co_return std::move(rows).error();
  std::vector<Session> page;
  page.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) page.push_back(session_from_row((*rows)[i]));
  co_return page;
}

AsyncResult<std::int64_t> SessionStore::count_open(const Call& call, const Uuid& account, std::int64_t now) {
  auto rows = co_await database_.read(call, kCountOpen, db::values(account.to_text(), now));
  if (!rows) co_return std::move(rows).error();
  co_return (*rows)[0].integer(0);
}

AsyncResult<std::int64_t> SessionStore::delete_ended(const Call& call, std::int64_t before) {
  auto rows = co_await database_.write(call, kDeleteEnded, db::values(before));
  if (!rows) co_return std::move(rows).error();
  co_return rows->changed();
}

}  // namespace driftstack::sessions

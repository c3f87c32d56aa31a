#include "log/log_store.hpp"

#include <stdexcept>
#include <utility>

#include "driftstack/support/wire.hpp"

namespace driftstack::sessions {
namespace {

#define LOG_COLUMNS "id, account_id, session_id, kind, level, message, url, data, at, expires_at"

constinit const db::Statement kInsert("INSERT INTO sessions_log (" LOG_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");

constinit const db::Statement kSelectPage("SELECT " LOG_COLUMNS
                                          " FROM sessions_log WHERE session_id = $1 AND account_id = $2 AND expires_at > $3 "
                                          "AND (at, id) < ($4, $5) AND kind IN ($7, $8, $9, $10, $11) ORDER BY at DESC, id DESC LIMIT $6");

constinit const db::Statement kSelectSince("SELECT " LOG_COLUMNS
                                           " FROM sessions_log WHERE session_id = $1 AND account_id = $2 AND at > $3 "
                                           "AND kind IN ($5, $6, $7, $8, $9) ORDER BY at, id LIMIT $4");

// 500: slices keep the one writer of SQLite free for others.
constinit const db::Statement kDeleteExpired(
    "DELETE FROM sessions_log WHERE id IN (SELECT id FROM sessions_log WHERE expires_at <= $1 ORDER BY expires_at LIMIT 500)");

// A kind that is not asked for is no kind: the statement stays one.
void add_kinds(db::Values& values, const LogKinds& kinds) {
  const auto names = enum_names(LogKind());
  for (std::size_t i = 0; i < names.size(); ++i) values.emplace_back(kinds[i] ? names[i].first : std::string_view());
}

Uuid uuid_from_row(std::string_view text) {
  const auto id = Uuid::from_text(text);
  if (!id) throw std::logic_error("sessions: a stored id is no UUID");
  return *id;
}

LogEntry entry_from_row(const db::Row& row) {
  const auto kind = wire::enum_from_text<LogKind>(row.text(3));
  const auto level = wire::enum_from_text<EntryLevel>(row.text(4));
  if (!kind || !level) throw std::logic_error("sessions: a stored log entry is of no known kind or level");
  LogEntry entry;
  entry.id = LogEntryId(uuid_from_row(row.text(0)));
  entry.account = uuid_from_row(row.text(1));
  entry.session = SessionId(uuid_from_row(row.text(2)));
  entry.kind = *kind;
  entry.level = *level;
  entry.message = row.text(5);
  entry.url = row.maybe_text(6);
  entry.data = row.text(7);
  entry.at = row.integer(8);
  entry.expires_at = row.integer(9);
  return entry;
}

std::vector<LogEntry> entries_from(const db::Rows& rows) {
  std::vector<LogEntry> entries;
  entries.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) entries.push_back(entry_from_row(rows[i]));
  return entries;
}

}  // namespace

AsyncResult<> LogStore::insert(const Call& call, const std::vector<LogEntry>& entries) {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    for (const LogEntry& entry : entries) {
      auto values =
          db::values(entry.id.uuid().to_text(), entry.account.to_text(), entry.session.uuid().to_text(), wire::enum_text(entry.kind),
                     wire::enum_text(entry.level), entry.message, entry.url, entry.data, entry.at, entry.expires_at);
      auto inserted = co_await tx.run(kInsert, std::move(values));
      if (!inserted) co_return std::move(inserted).error();
    }
    co_return Done();
  };
  co_return co_await db::transaction(database_, call, body);
}

AsyncResult<std::vector<LogEntry>> LogStore::page(const Call& call, const Uuid& account, const SessionId& session, LogKinds kinds,
                                                  std::int64_t now, const CursorPosition& after, std::int64_t limit) {
  auto values = db::values(session.uuid().to_text(), account.to_text(), now, after.micros, after.id, limit);
  add_kinds(values, kinds);
  auto rows = co_await database_.read(call, kSelectPage, std::move(values));
  if (!rows) co_return std::move(rows).error();
  co_return entries_from(*rows);
}

AsyncResult<std::vector<LogEntry>> LogStore::since(const Call& call, const Uuid& account, const SessionId& session, LogKinds kinds,
                                                   std::int64_t at, std::int64_t limit) {
  auto values = db::values(session.uuid().to_text(), account.to_text(), at, limit);
  add_kinds(values, kinds);
  auto rows = co_await database_.read(call, kSelectSince, std::move(values));
  if (!rows) co_return std::move(rows).error();
  co_return entries_from(*rows);
}

AsyncResult<std::int64_t> LogStore::delete_expired(const Call& call, std::int64_t now) {
  auto rows = co_await database_.write(call, kDeleteExpired, db::values(now));
  if (!rows) co_return std::move(rows).error();
  co_return rows->changed();
}

}  // namespace driftstack::sessions

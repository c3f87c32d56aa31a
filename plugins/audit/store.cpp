#include "store.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "driftstack/support/hex.hpp"
#include "migrations.hpp"

namespace driftstack::audit {
namespace {

#define AUDIT_COLUMNS \
  "account_id, sequence, id, actor_type, actor_account, actor_key, action, target, payload, ip_address, user_agent, created_at, link"
#define AUDIT_NEWEST(condition)                                                                                                     \
  "SELECT " AUDIT_COLUMNS                                                                                                           \
  " FROM audit_entries WHERE account_id = $1 AND (created_at, id) < ($2, $3) AND created_at >= $4 AND ($5 IS NULL OR actor_type = " \
  "$5) " condition " ORDER BY created_at DESC, id DESC LIMIT $6"

constinit const db::Statement kNewest(AUDIT_NEWEST(""));
constinit const db::Statement kNewestOfAction(AUDIT_NEWEST("AND action = $7"));
constinit const db::Statement kNewestOfTarget(AUDIT_NEWEST("AND target = $7 AND ($8 IS NULL OR action = $8)"));
constinit const db::Statement kChain("SELECT " AUDIT_COLUMNS
                                     " FROM audit_entries WHERE account_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3");
constinit const db::Statement kInsert("INSERT INTO audit_entries (" AUDIT_COLUMNS
                                      ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");

constinit const db::Statement kHead("SELECT entries, link, seal FROM audit_heads WHERE account_id = $1");
constinit const db::Statement kHeads(
    "SELECT entries, link, seal, account_id FROM audit_heads WHERE account_id > $1 ORDER BY account_id LIMIT $2");
constinit const db::Statement kPutHead(
    "INSERT INTO audit_heads (account_id, entries, link, seal) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (account_id) DO UPDATE SET entries = excluded.entries, link = excluded.link, seal = excluded.seal");
constinit const db::Statement kAccountWithoutHead(
    "SELECT e.account_id FROM audit_entries e WHERE NOT EXISTS (SELECT 1 FROM audit_heads h WHERE h.account_id = e.account_id) LIMIT 1");

#undef AUDIT_NEWEST
#undef AUDIT_COLUMNS

/// The zero id and the zero digest stand for text that is none: whoever edited a row must show in the verification, not stop it.
Uuid read_uuid(std::string_view text) { return Uuid::from_text(text).value_or(Uuid()); }

std::optional<Uuid> maybe_uuid(const db::Row& row, std::size_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(read_uuid(row.text(column)));
}

Digest read_digest(std::string_view text) {
  Digest digest{};
  const auto bytes = hex_decode(text);
  if (bytes && bytes->size() == digest.size()) std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

std::string digest_text(const Digest& digest) {
  return hex_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

StoredEntry read_entry(const db::Row& row) {
  AuditEntry entry(read_uuid(row.text(0)), actor_from_text(row.text(3)).value_or(AuditActor::system), std::string(row.text(6)));
  entry.actor_account = maybe_uuid(row, 4);
  entry.actor_key = maybe_uuid(row, 5);
  entry.target = row.maybe_text(7);
  entry.payload = row.maybe_text(8);
  entry.ip_address = row.maybe_text(9);
  entry.user_agent = row.maybe_text(10);
  StoredEntry stored(read_uuid(row.text(2)), std::move(entry));
  stored.sequence = row.integer(1);
  stored.created_at = row.integer(11);
  stored.link = read_digest(row.text(12));
  return stored;
}

Head read_head(const db::Row& row) {
  Head head;
  head.entries = row.integer(0);
  head.link = read_digest(row.text(1));
  head.seal = read_digest(row.text(2));
  return head;
}

Result<std::optional<Head>> first_head(Result<db::Rows> rows) {
  if (!rows) return std::move(rows).error();
  if (rows->empty()) return std::optional<Head>();
  return std::optional(read_head((*rows)[0]));
}

Result<std::vector<StoredEntry>> all_entries(Result<db::Rows> rows) {
  if (!rows) return std::move(rows).error();
  std::vector<StoredEntry> entries;
  entries.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) entries.push_back(read_entry((*rows)[i]));
  return entries;
}

std::optional<std::string> text_of(const std::optional<Uuid>& id) { return id ? std::optional(id->to_text()) : std::nullopt; }

}  // namespace

AsyncResult<> Store::migrate(const Call& call) { co_return co_await database_.migrate(call, "audit", kMigrations); }

AsyncResult<std::vector<StoredEntry>> Store::newest(const Call& call, EntryQuery query) {
  db::Values values = db::values(query.account.to_text(), query.before.micros, query.before.id, query.from, query.actor, query.limit);
  const db::Statement* statement = &kNewest;
  if (query.target) {
    statement = &kNewestOfTarget;
    values.emplace_back(*query.target);
    values.emplace_back(query.action);
  } else if (query.action) {
    statement = &kNewestOfAction;
    values.emplace_back(*query.action);
  }
  auto rows = co_await database_.read(call, *statement, std::move(values));
  co_return all_entries(std::move(rows));
}

AsyncResult<std::vector<StoredEntry>> Store::chain(const Call& call, Uuid account, std::int64_t after) {
  auto rows = co_await database_.read(call, kChain, db::values(account.to_text(), after, kWalkPage));
  co_return all_entries(std::move(rows));
}

AsyncResult<std::vector<AccountHead>> Store::heads(const Call& call, std::string after) {
  auto rows = co_await database_.read(call, kHeads, db::values(std::move(after), kHeadPage));
  if (!rows) co_return std::move(rows).error();
  std::vector<AccountHead> heads;
  heads.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    AccountHead head;
    head.head = read_head((*rows)[i]);
    head.account = read_uuid((*rows)[i].text(3));
    heads.push_back(head);
  }
  co_return heads;
}

AsyncResult<std::optional<Head>> Store::head(const Call& call, Uuid account) {
  auto rows = co_await database_.read(call, kHead, db::values(account.to_text()));
  co_return first_head(std::move(rows));
}

AsyncResult<std::optional<Uuid>> Store::account_without_head(const Call& call) {
  auto rows = co_await database_.read(call, kAccountWithoutHead, db::values());
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<Uuid>();
  co_return std::optional(read_uuid((*rows)[0].text(0)));
}

namespace in_transaction {

AsyncResult<std::optional<Head>> head(db::Transaction& transaction, Uuid account) {
  auto rows = co_await transaction.run(kHead, db::values(account.to_text()));
  co_return first_head(std::move(rows));
}

AsyncResult<> insert(db::Transaction& transaction, StoredEntry stored) {
  const AuditEntry& entry = stored.entry;
  auto rows = co_await transaction.run(
      kInsert, db::values(entry.account.to_text(), stored.sequence, stored.id.to_text(), actor_text(entry.actor),
                          text_of(entry.actor_account), text_of(entry.actor_key), entry.action, entry.target, entry.payload,
                          entry.ip_address, entry.user_agent, stored.created_at, digest_text(stored.link)));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

AsyncResult<> put_head(db::Transaction& transaction, Uuid account, Head head) {
  auto rows =
      co_await transaction.run(kPutHead, db::values(account.to_text(), head.entries, digest_text(head.link), digest_text(head.seal)));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

}  // namespace in_transaction

}  // namespace driftstack::audit

#include "snapshots/snapshot_store.hpp"

#include <stdexcept>
#include <utility>

namespace driftstack::sessions {
namespace {

#define SNAPSHOT_COLUMNS "id, account_id, parent_profile_id, label, description, parent_archetype, parent_name, created_at"

constinit const db::Statement kInsert("INSERT INTO profile_snapshots (" SNAPSHOT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
constinit const db::Statement kSelectOne("SELECT " SNAPSHOT_COLUMNS " FROM profile_snapshots WHERE id = $1 AND account_id = $2");
constinit const db::Statement kSelectPage("SELECT " SNAPSHOT_COLUMNS
                                          " FROM profile_snapshots WHERE account_id = $1 AND (created_at, id) < ($2, $3) "
                                          "ORDER BY created_at DESC, id DESC LIMIT $4");
constinit const db::Statement kSelectPageOfParent(
    "SELECT " SNAPSHOT_COLUMNS
    " FROM profile_snapshots WHERE account_id = $1 AND parent_profile_id = $5 AND (created_at, id) < ($2, $3) "
    "ORDER BY created_at DESC, id DESC LIMIT $4");
constinit const db::Statement kDelete("DELETE FROM profile_snapshots WHERE id = $1 AND account_id = $2");

Uuid uuid_from_row(std::string_view text) {
  const auto id = Uuid::from_text(text);
  if (!id) throw std::logic_error("snapshots: a stored id is no UUID");
  return *id;
}

Snapshot snapshot_from_row(const db::Row& row) {
  Snapshot snapshot;
  snapshot.id = SnapshotId(uuid_from_row(row.text(0)));
  snapshot.account = uuid_from_row(row.text(1));
  if (!row.is_null(2)) snapshot.parent = uuid_from_row(row.text(2));
  snapshot.label = row.text(3);
  snapshot.description = row.maybe_text(4);
  snapshot.parent_archetype = row.text(5);
  snapshot.parent_name = row.text(6);
  snapshot.created_at = row.integer(7);
  return snapshot;
}

}  // namespace

AsyncResult<> SnapshotStore::insert(const Call& call, const Snapshot& snapshot, IdempotencyRecord* record, const std::string& answer) {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    const auto parent = snapshot.parent ? std::optional(snapshot.parent->to_text()) : std::nullopt;
    auto values = db::values(snapshot.id.uuid().to_text(), snapshot.account.to_text(), parent, snapshot.label, snapshot.description,
                             snapshot.parent_archetype, snapshot.parent_name, snapshot.created_at);
    auto inserted = co_await tx.run(kInsert, std::move(values));
    if (!inserted) co_return std::move(inserted).error();
    if (record == nullptr) co_return Done();
    co_return co_await record->complete(tx, 201, answer, snapshot.id.to_text());
  };
  co_return co_await db::transaction(database_, call, body);
}

AsyncResult<std::optional<Snapshot>> SnapshotStore::find(const Call& call, const Uuid& account, const SnapshotId& id) {
  auto rows = co_await database_.read(call, kSelectOne, db::values(id.uuid().to_text(), account.to_text()));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<Snapshot>();
  co_return std::optional<Snapshot>(snapshot_from_row((*rows)[0]));
}

AsyncResult<std::vector<Snapshot>> SnapshotStore::page(const Call& call, const Uuid& account, const std::optional<ProfileId>& parent,
                                                       const CursorPosition& after, std::int64_t limit) {
  auto values = db::values(account.to_text(), after.micros, after.id, limit);
  if (parent) values.emplace_back(parent->uuid().to_text());
  const db::Statement& statement = parent ? kSelectPageOfParent : kSelectPage;
  auto rows = co_await database_.read(call, statement, std::move(values));
  if (!rows) co_return std::move(rows).error();
  std::vector<Snapshot> snapshots;
  for (std::size_t i = 0; i < rows->size(); ++i) snapshots.push_back(snapshot_from_row((*rows)[i]));
  co_return std::move(snapshots);
}

AsyncResult<bool> SnapshotStore::remove(const Call& call, const Uuid& account, const SnapshotId& id) {
  auto rows = co_await database_.write(call, kDelete, db::values(id.uuid().to_text(), account.to_text()));
  if (!rows) co_return std::move(rows).error();
  co_return rows->changed() == 1;
}

}  // namespace driftstack::sessions

#include "one_shot/slot_store.hpp"

#include "store.hpp"

namespace driftstack::sessions {
namespace {

constinit const db::Statement kDeleteExpired("DELETE FROM sessions_slots WHERE account_id = $1 AND expires_at <= $2");

constinit const db::Statement kInsertSlot("INSERT INTO sessions_slots (id, account_id, node, expires_at) VALUES ($1, $2, $3, $4)");

constinit const db::Statement kDeleteSlot("DELETE FROM sessions_slots WHERE id = $1");

constinit const db::Statement kDeleteOfNode("DELETE FROM sessions_slots WHERE node = $1");

}  // namespace

AsyncResult<std::int64_t> SlotStore::take(const Call& call, const Uuid& account, const SessionId& run, std::int64_t limit, std::int64_t now,
                                          std::int64_t expires_at) {
  std::int64_t taken = 0;
  const std::string owner = account.to_text();
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto locked = co_await tx.lock(concurrency_lock(account));
    if (!locked) co_return std::move(locked).error();
    auto expired = co_await tx.run(kDeleteExpired, db::values(owner, now));
    if (!expired) co_return std::move(expired).error();
    auto counted = co_await count_open(tx, account, now);
    if (!counted) co_return std::move(counted).error();
    taken = *counted;
    if (taken >= limit) co_return Done();
    auto inserted = co_await tx.run(kInsertSlot, db::values(run.uuid().to_text(), owner, node_, expires_at));
    if (!inserted) co_return std::move(inserted).error();
    co_return Done();
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return taken;
}

AsyncResult<> SlotStore::free(const Call& call, const SessionId& run) {
  auto rows = co_await database_.write(call, kDeleteSlot, db::values(run.uuid().to_text()));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

AsyncResult<> SlotStore::free_left_behind(const Call& call) {
  auto rows = co_await database_.write(call, kDeleteOfNode, db::values(node_));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

}  // namespace driftstack::sessions

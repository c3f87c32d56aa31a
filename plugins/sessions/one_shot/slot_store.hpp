#pragma once
// Places under the concurrency cap that one-shot runs take; all SQL of them. A run has no session row.

#include <cstdint>
#include <string>

#include "driftstack/roles/database.hpp"
#include "driftstack/uuid.hpp"
#include "session.hpp"

namespace driftstack::sessions {

/// [io-thread]
class SlotStore {
 public:
  /// `node` names this server among those that share the database.
  SlotStore(db::Database& database, std::string node) : database_(database), node_(std::move(node)) {}

  /// Takes a place unless `limit` of the account are taken by sessions and runs; exact under any concurrency. Answers how many were taken
  /// before: less than `limit` means that one more is now. A place that nobody frees ends at `expires_at`.
  AsyncResult<std::int64_t> take(const Call& call, const Uuid& account, const SessionId& run, std::int64_t limit, std::int64_t now,
                                 std::int64_t expires_at);
  /// Ok for a place that is free already.
  AsyncResult<> free(const Call& call, const SessionId& run);
  /// What this server left behind when it died.
  AsyncResult<> free_left_behind(const Call& call);

 private:
  db::Database& database_;
  std::string node_;
};

}  // namespace driftstack::sessions

#pragma once
// Rows of the table `profile_snapshots`. [io-thread]

#include <optional>
#include <string>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/support/cursor.hpp"
#include "profiles/profile.hpp"
#include "snapshots/snapshot.hpp"

namespace driftstack::sessions {

class SnapshotStore {
 public:
  explicit SnapshotStore(db::Database& database) : database_(database) {}

  /// With `record`, the answer is stored in the same transaction.
  AsyncResult<> insert(const Call& call, const Snapshot& snapshot, IdempotencyRecord* record, const std::string& answer);
  AsyncResult<std::optional<Snapshot>> find(const Call& call, const Uuid& account, const SnapshotId& id);
  /// At most `limit` behind `after`, newest first; of one profile, or of the whole account.
  AsyncResult<std::vector<Snapshot>> page(const Call& call, const Uuid& account, const std::optional<ProfileId>& parent,
                                          const CursorPosition& after, std::int64_t limit);
  /// False when there is none.
  AsyncResult<bool> remove(const Call& call, const Uuid& account, const SnapshotId& id);

 private:
  db::Database& database_;
};

}  // namespace driftstack::sessions

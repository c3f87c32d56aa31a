#pragma once
// Rows of the table `sessions_artifacts`. [io-thread]
//
// The row comes before the object and goes after it, so every object has a row at every moment and a crash leaves nothing that nobody
// finds. `due_at` says when the sweeper has to remove both; moving it ahead is also how a sweeper claims a row.

#include <cstdint>
#include <optional>
#include <vector>

#include "artifacts/artifact.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/support/cursor.hpp"

namespace driftstack::sessions {

class ArtifactStore {
 public:
  explicit ArtifactStore(db::Database& database) noexcept : database_(database) {}

  /// A row whose object is on its way; the sweeper takes it at `give_up_at` unless it is `finish`ed.
  AsyncResult<> begin(const Call& call, const Artifact& artifact, std::int64_t give_up_at);
  /// The object is kept. False when the sweeper came first: then the object must go.
  AsyncResult<bool> finish(const Call& call, const Artifact& artifact);

  /// Only what is kept and not expired.
  AsyncResult<std::optional<Artifact>> find(const Call& call, const Uuid& account, const ArtifactId& id, std::int64_t now);
  AsyncResult<std::vector<Artifact>> page(const Call& call, const Uuid& account, std::optional<SessionId> session, std::int64_t now,
                                          const CursorPosition& after, std::int64_t limit);
  /// From now on the artefact is not found, and the sweeper's. False when there is none.
  AsyncResult<bool> give_up(const Call& call, const Uuid& account, const ArtifactId& id, std::int64_t now);

  struct Claimed {
    ArtifactId id;
    Uuid account;
  };
  /// Some of the rows that are due, for this caller alone until `lease_until`.
  AsyncResult<std::vector<Claimed>> claim_due(const Call& call, std::int64_t now, std::int64_t lease_until);
  /// After the object is gone.
  AsyncResult<> forget(const Call& call, const Uuid& account, const ArtifactId& id);

 private:
  db::Database& database_;
};

}  // namespace driftstack::sessions

#pragma once
// The life of snapshots: capture, read, restore into a new profile, delete (sessions.md 8).

#include <optional>

#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/accounts.hpp"
#include "driftstack/support/page.hpp"
#include "profiles/profile_store.hpp"
#include "snapshots/snapshot_store.hpp"
#include "snapshots/snapshot_wire.hpp"

namespace driftstack::sessions {

/// [io-thread]
class Snapshots {
 public:
  Snapshots(Host& host, SnapshotStore& store, ProfileStore& profiles, const AccountDirectory& accounts)
      : host_(host), store_(store), profiles_(profiles), accounts_(accounts) {}

  AsyncResult<body::Snapshot> capture(const Call& call, ProfileId profile, body::SnapshotCreate wanted, IdempotencyRecord* record);
  /// Of one live profile, or of the whole account.
  AsyncResult<Page<body::Snapshot>> page(const Call& call, std::optional<ProfileId> profile, PageQuery asked);
  AsyncResult<body::Snapshot> get(const Call& call, SnapshotId id);
  /// A new profile with the archetype and description of the snapshot. not_found, conflict, tier_limit.
  AsyncResult<body::Profile> restore(const Call& call, SnapshotId id, body::SnapshotRestore wanted, IdempotencyRecord* record);
  AsyncResult<> remove(const Call& call, SnapshotId id);

 private:
  Host& host_;
  SnapshotStore& store_;
  ProfileStore& profiles_;
  const AccountDirectory& accounts_;
};

}  // namespace driftstack::sessions

#pragma once
// The routes of sessions.md 8.

#include "driftstack/support/routes.hpp"
#include "snapshots/snapshots.hpp"

namespace driftstack::sessions {

/// HTTP on one side, snapshots on the other; decides nothing itself. [io-thread]
class SnapshotRoutes {
 public:
  explicit SnapshotRoutes(Snapshots& snapshots) : snapshots_(snapshots) {}

  void declare(Routes& routes);

  AsyncResult<body::Snapshot> capture(const Call& call, const Request& request, body::SnapshotCreate body);
  AsyncResult<Page<body::Snapshot>> list_of_profile(const Call& call, const Request& request);
  AsyncResult<Page<body::Snapshot>> list(const Call& call, const Request& request);
  AsyncResult<body::Snapshot> get(const Call& call, const Request& request);
  AsyncResult<body::Profile> restore(const Call& call, const Request& request, body::SnapshotRestore body);
  AsyncResult<> remove(const Call& call, const Request& request);

 private:
  Snapshots& snapshots_;
};

}  // namespace driftstack::sessions

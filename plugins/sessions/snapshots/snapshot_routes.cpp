#include "snapshots/snapshot_routes.hpp"

#include <utility>

#include "profiles/profile_routes.hpp"

namespace driftstack::sessions {
namespace {

Result<SnapshotId> snapshot_in_path(const Request& request) {
  const auto id = SnapshotId::from_text(request.parameter("id"));
  if (!id) return Error(Errc::not_found, "There is no such snapshot.");
  return *id;
}

}  // namespace

void SnapshotRoutes::declare(Routes& routes) {
  const ScopeSet read{Scope::read, Scope::read_profiles};
  const ScopeSet write{Scope::write, Scope::write_profiles};

  routes.post("/v1/profiles/{id}/snapshots", "create_profile_snapshot", "Freeze name and archetype of a profile, without browser state.")
      .bearer(write, TeamAccess::admin_write)
      .keyed(Idempotency::replay)
      .success(201)
      .to<&SnapshotRoutes::capture>(*this);
  routes.get("/v1/profiles/{id}/snapshots", "list_snapshots_of_profile", "Snapshots of one profile, newest first.")
      .bearer(read, TeamAccess::member_read)
      .query<PageQuery>()
      .to<&SnapshotRoutes::list_of_profile>(*this);
  routes.get("/v1/profile-snapshots", "list_profile_snapshots", "Snapshots of the account, newest first.")
      .bearer(read, TeamAccess::member_read)
      .query<PageQuery>()
      .to<&SnapshotRoutes::list>(*this);
  routes.get("/v1/profile-snapshots/{id}", "get_profile_snapshot", "One snapshot.")
      .bearer(read, TeamAccess::member_read)
      .to<&SnapshotRoutes::get>(*this);
  routes.post("/v1/profile-snapshots/{id}/restore", "restore_profile_snapshot", "Make a new profile from a snapshot.")
      .bearer(write, TeamAccess::admin_write)
      .keyed(Idempotency::replay)
      .to<&SnapshotRoutes::restore>(*this);
  routes.delete_("/v1/profile-snapshots/{id}", "delete_profile_snapshot", "Delete a snapshot.")
      .bearer(write, TeamAccess::admin_write)
      .to<&SnapshotRoutes::remove>(*this);
}

AsyncResult<body::Snapshot> SnapshotRoutes::capture(const Call& call, const Request& request, body::SnapshotCreate body) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  co_return co_await snapshots_.capture(call, *id, std::move(body), request.idempotency);
}

AsyncResult<Page<body::Snapshot>> SnapshotRoutes::list_of_profile(const Call& call, const Request& request) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  auto asked = bind_query<PageQuery>(request);
  if (!asked) co_return std::move(asked).error();
  co_return co_await snapshots_.page(call, *id, *std::move(asked));
}

AsyncResult<Page<body::Snapshot>> SnapshotRoutes::list(const Call& call, const Request& request) {
  auto asked = bind_query<PageQuery>(request);
  if (!asked) co_return std::move(asked).error();
  co_return co_await snapshots_.page(call, std::nullopt, *std::move(asked));
}

AsyncResult<body::Snapshot> SnapshotRoutes::get(const Call& call, const Request& request) {
  const auto id = snapshot_in_path(request);
  if (!id) co_return id.error();
  co_return co_await snapshots_.get(call, *id);
}

AsyncResult<body::Profile> SnapshotRoutes::restore(const Call& call, const Request& request, body::SnapshotRestore body) {
  const auto id = snapshot_in_path(request);
  if (!id) co_return id.error();
  co_return co_await snapshots_.restore(call, *id, std::move(body), request.idempotency);
}

AsyncResult<> SnapshotRoutes::remove(const Call& call, const Request& request) {
  const auto id = snapshot_in_path(request);
  if (!id) co_return id.error();
  co_return co_await snapshots_.remove(call, *id);
}

}  // namespace driftstack::sessions

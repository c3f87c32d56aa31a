#include "artifacts/artifact_routes.hpp"

#include <string>
#include <utility>

namespace driftstack::sessions {
namespace {

// A malformed id is answered like an unknown one.
Result<ArtifactId> artifact_id(const Request& request) {
  const auto id = ArtifactId::from_text(request.parameter("id"));
  if (!id) return Error(Errc::not_found, "There is no such artefact.");
  return *id;
}

}  // namespace

void ArtifactRoutes::declare(Routes& routes) {
  const ScopeSet read{Scope::read, Scope::read_sessions};
  const ScopeSet write{Scope::write, Scope::write_sessions};
  routes.get("/v1/artifacts", "list_artifacts", "Stored captures of the account, newest first.")
      .bearer(read, TeamAccess::member_read)
      .query<body::ArtifactListQuery>()
      .to<&ArtifactRoutes::list>(*this);
  routes.get("/v1/artifacts/{id}", "get_artifact", "One stored capture, with a fresh URL.")
      .bearer(read, TeamAccess::member_read)
      .to<&ArtifactRoutes::get>(*this);
  routes.delete_("/v1/artifacts/{id}", "delete_artifact", "Delete a stored capture.")
      .bearer(write, TeamAccess::admin_write)
      .to<&ArtifactRoutes::remove>(*this);
  routes.get("/v1/files/{token}", "get_file", "The file behind the URL of an artefact; the token is the credential.")
      .open("ip:files")
      .content_type("application/octet-stream")
      .to<&ArtifactRoutes::file>(*this);
}

AsyncResult<Page<body::Artifact>> ArtifactRoutes::list(const Call& call, const Request& request) {
  auto asked = bind_query<body::ArtifactListQuery>(request);
  if (!asked) co_return std::move(asked).error();
  co_return co_await artifacts_.page(call, *std::move(asked));
}

AsyncResult<body::Artifact> ArtifactRoutes::get(const Call& call, const Request& request) {
  const auto id = artifact_id(request);
  if (!id) co_return id.error();
  co_return co_await artifacts_.get(call, *id);
}

AsyncResult<> ArtifactRoutes::remove(const Call& call, const Request& request) {
  const auto id = artifact_id(request);
  if (!id) co_return id.error();
  co_return co_await artifacts_.remove(call, *id);
}

AsyncResult<Response> ArtifactRoutes::file(const Call& call, const Request& request) {
  std::string token(request.parameter("token"));
  co_return co_await artifacts_.file(call, std::move(token));
}

}  // namespace driftstack::sessions

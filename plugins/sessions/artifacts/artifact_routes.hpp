#pragma once
// GET /v1/artifacts, GET and DELETE /v1/artifacts/{id}, GET /v1/files/{token}.

#include "artifacts/artifacts.hpp"
#include "driftstack/support/routes.hpp"

namespace driftstack::sessions {

/// [io-thread]
class ArtifactRoutes {
 public:
  explicit ArtifactRoutes(Artifacts& artifacts) noexcept : artifacts_(artifacts) {}

  void declare(Routes& routes);

  AsyncResult<Page<body::Artifact>> list(const Call& call, const Request& request);
  AsyncResult<body::Artifact> get(const Call& call, const Request& request);
  AsyncResult<> remove(const Call& call, const Request& request);
  AsyncResult<Response> file(const Call& call, const Request& request);

 private:
  Artifacts& artifacts_;
};

}  // namespace driftstack::sessions

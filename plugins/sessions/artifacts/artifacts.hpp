#pragma once
// Artefacts: keep, show, list, delete, read by link. The row is the truth, the object store holds the bytes.

#include <chrono>
#include <optional>
#include <string>

#include "artifacts/artifact_store.hpp"
#include "artifacts/artifact_wire.hpp"
#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/object_store.hpp"

namespace driftstack::sessions {

/// Largest artefact; kinds with a cap of their own in the contract keep that.
inline constexpr std::size_t kMaxArtifactBytes = std::size_t{64} << 20;

/// What a browser made and a customer wants to keep.
struct NewArtifact {
  SessionId session;
  std::string kind, content_type, bytes;
};

/// [io-thread]
class Artifacts {
 public:
  /// `objects` may be null: then nothing can be kept or read, rows are still listed and deleted.
  Artifacts(Host& host, ArtifactStore& store, objects::Store* objects, std::chrono::microseconds retention)
      : host_(host), store_(store), objects_(objects), retention_(retention) {}

  [[nodiscard]] bool can_keep() const noexcept { return objects_ != nullptr; }
  /// Durable when it answers. feature_unavailable when the object store does not take it.
  AsyncResult<body::KeptArtifact> keep(const Call& call, NewArtifact caught);

  AsyncResult<body::Artifact> get(const Call& call, ArtifactId id);
  AsyncResult<Page<body::Artifact>> page(const Call& call, body::ArtifactListQuery asked);
  /// Gone for everybody when it answers; an object store that is away is told later.
  AsyncResult<> remove(const Call& call, ArtifactId id);
  /// The file behind a link. not_found for anything but a good token of an artefact that is there.
  AsyncResult<Response> file(const Call& call, std::string token);

  /// Removes what is due, object first. One round of at most 50; false when none was due.
  AsyncResult<bool> sweep(IoThread thread);

 private:
  AsyncResult<std::string> link(const Call& call, const Artifact& artifact);
  AsyncResult<body::Artifact> show(const Call& call, Artifact artifact);
  AsyncResult<> drop(const Call& call, Uuid account, ArtifactId id);

  Host& host_;
  ArtifactStore& store_;
  objects::Store* objects_;
  std::chrono::microseconds retention_;
};

}  // namespace driftstack::sessions

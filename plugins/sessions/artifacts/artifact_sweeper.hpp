#pragma once
// Removes artefacts whose time is over, that were deleted while the object store was away, or whose storing a crash cut short.

#include <atomic>
#include <chrono>

#include "artifacts/artifacts.hpp"
#include "driftstack/host.hpp"

namespace driftstack::sessions {

/// [io-thread]
class ArtifactSweeper {
 public:
  /// How long an artefact may outlive its time.
  static constexpr std::chrono::seconds kPeriod{60};

  ArtifactSweeper(Host& host, Artifacts& artifacts) : host_(host), artifacts_(artifacts), next_(host.clock().steady()) {}

  /// Runs until `stop`.
  Task<> run(IoThread thread);
  /// Makes `run` end at its next tick. [any-thread]
  void stop() noexcept { stopping_.store(true); }

 private:
  Task<> sweep_all(IoThread thread);

  Host& host_;
  Artifacts& artifacts_;
  std::chrono::steady_clock::time_point next_;
  std::atomic<bool> stopping_{false};
};

}  // namespace driftstack::sessions

#include "artifacts/artifact_sweeper.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::chrono::milliseconds kTick{500};  // how long a stop may wait for this worker

}  // namespace

Task<> ArtifactSweeper::run(IoThread thread) {
  WorkerTick& worker = host_.worker("sessions.artifacts");
  while (!stopping_.load()) {
    if (host_.clock().steady() >= next_) co_await sweep_all(thread);
    worker.tick();
    co_await until(host_.scheduler(), host_.clock().steady() + kTick, thread);
  }
}

Task<> ArtifactSweeper::sweep_all(IoThread thread) {
  next_ = host_.clock().steady() + kPeriod;
  while (!stopping_.load()) {
    auto some = co_await artifacts_.sweep(thread);
    if (!some) host_.log().error("artefacts that are due could not be claimed", {{"error", some.error().detail}});
    if (!some || !*some) co_return;
  }
}

}  // namespace driftstack::sessions

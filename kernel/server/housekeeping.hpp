#pragma once
// The kernel's own background work: expired idempotency keys go.

#include <condition_variable>
#include <memory>
#include <mutex>

#include "driftstack/host.hpp"
#include "kernel/pipeline/idempotency.hpp"

namespace driftstack::kernel {

class Housekeeping {
 public:
  /// Runs on io thread 0 from now on. References outlive the object. [main-thread]
  Housekeeping(Scheduler& scheduler, Clock& clock, Log& log, IdempotencyStore& store, WorkerTick& tick);
  /// Waits for a purge that runs; nothing is touched afterwards. [main-thread]
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  /// Shared with the coroutine, which may sleep longer than this object lives.
  struct State {
    std::mutex mutex;
    std::condition_variable idle;
    bool stopping = false;
    bool working = false;
  };
  static Task<> run(std::shared_ptr<State> state, Scheduler& scheduler, Clock& clock, Log& log, IdempotencyStore& store, WorkerTick& tick);

  std::shared_ptr<State> state_;
};

}  // namespace driftstack::kernel

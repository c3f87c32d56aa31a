#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>

namespace driftstack::kernel {

/// Threads for calls that block.
class WorkerPool {
 public:
  /// Starts `count` threads; 0: two per processor core, as blocking calls mostly wait. [main-thread]
  explicit WorkerPool(std::uint32_t count);
  /// Finishes what is queued, then ends the threads. [main-thread]
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  std::uint32_t threads() const noexcept { return count_; }
  /// [any-thread]
  void resume(std::coroutine_handle<> handle) noexcept;
  /// Finishes what is queued, then ends the threads; idempotent. [main-thread]
  void stop() noexcept;

 private:
  struct Pool;
  std::uint32_t count_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace driftstack::kernel

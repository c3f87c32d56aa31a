#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "driftstack/host.hpp"
#include "kernel/runtime/deadline_wheel.hpp"
#include "kernel/runtime/worker_pool.hpp"

namespace boost::asio {
class io_context;
}

namespace driftstack::kernel {

/// The threads that serve connections: each has its own io_context, its own deadline wheel and one timer for it. A connection and
/// everything that is done for it stay on one of them.
class IoThreads final : public Scheduler {
 public:
  /// Starts `count` threads (0: one per processor core). `workers` and `log` must outlive this object. [main-thread]
  IoThreads(std::uint32_t count, WorkerPool& workers, Log* log = nullptr);
  /// Stops. [main-thread]
  ~IoThreads();
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  std::uint32_t io_threads() const noexcept override;
  IoThread current_io_thread() const noexcept override;
  void resume_on_io(IoThread thread, std::coroutine_handle<> handle) noexcept override;
  void resume_all_on_io(IoThread thread, std::span<const std::coroutine_handle<>> handles) noexcept override;
  void resume_on_workers(std::coroutine_handle<> handle) noexcept override;
  void resume_at(Call::Clock::time_point when, IoThread thread, std::coroutine_handle<> handle) noexcept override;
  std::unique_ptr<Watch> watch(int descriptor, ReadinessHandler& handler) override;

  /// Runs `work` on that thread. [any-thread]
  void post(IoThread thread, std::function<void()> work);
  boost::asio::io_context& context(IoThread thread) noexcept;
  /// Sets or moves a deadline of the calling io thread. [io-thread]
  void set_deadline(Deadline& deadline, Deadline::Clock::time_point when) noexcept;
  /// [io-thread]
  void clear_deadline(Deadline& deadline) noexcept;
  /// Ends the threads; what is still suspended is never resumed. Idempotent. [main-thread]
  void stop() noexcept;

 private:
  class Thread;
  struct Threads;
  Thread& thread(IoThread thread) noexcept;

  std::unique_ptr<Threads> threads_;
  WorkerPool& workers_;
  Log* log_;
  std::atomic<bool> warned_{false};
};

}  // namespace driftstack::kernel

#pragma once
// A small real scheduler: io threads that each run an epoll loop, and worker threads. Standard library and Linux only.

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/testing/manual_clock.hpp"

namespace driftstack::testing {

namespace detail {
class IoLoop;
}

/// Scheduler for tests. Timers follow the ManualClock: `clock.advance(...)` makes them due. The destructor runs everything that is ready
/// and joins the threads; a coroutine that then still waits for a timer or a descriptor is a leak of the code under test and is reported
/// on standard error. [any-thread] except where Scheduler says otherwise.
class TestScheduler final : public Scheduler {
 public:
  static constexpr std::uint32_t kDefaultIoThreads = 2;  // the smallest number that shows wrong-thread mistakes
  static constexpr std::uint32_t kDefaultWorkers = 2;

  explicit TestScheduler(ManualClock& clock, std::uint32_t io_threads = kDefaultIoThreads, std::uint32_t workers = kDefaultWorkers);
  ~TestScheduler();
  TestScheduler(const TestScheduler&) = delete;
  TestScheduler& operator=(const TestScheduler&) = delete;

  std::uint32_t io_threads() const noexcept override;
  IoThread current_io_thread() const noexcept override;
  void resume_on_io(IoThread thread, std::coroutine_handle<> handle) noexcept override;
  void resume_all_on_io(IoThread thread, std::span<const std::coroutine_handle<>> handles) noexcept override;
  void resume_on_workers(std::coroutine_handle<> handle) noexcept override;
  void resume_at(Call::Clock::time_point when, IoThread thread, std::coroutine_handle<> handle) noexcept override;
  std::unique_ptr<Watch> watch(int descriptor, ReadinessHandler& handler) override;

  /// Number of coroutines that wait for a timer.
  std::size_t waiting_timers() const;
  /// True on one of this scheduler's worker threads.
  bool on_worker() const noexcept;

 private:
  void work();
  void stop();

  ManualClock& clock_;
  std::atomic<std::size_t> outstanding_{0};  // handles posted and not yet run to their next suspension
  std::vector<std::unique_ptr<detail::IoLoop>> loops_;
  std::mutex work_mutex_;
  std::condition_variable work_ready_;
  std::deque<std::coroutine_handle<>> work_;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace driftstack::testing

#pragma once
// One io thread of the TestScheduler.

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/testing/manual_clock.hpp"

namespace driftstack::testing::detail {

class LoopWatch;

class IoLoop {
 public:
  IoLoop(const void* owner, IoThread index, ManualClock& clock, std::atomic<std::size_t>& outstanding);
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  void post(std::span<const std::coroutine_handle<>> handles);
  void post_at(Call::Clock::time_point when, std::coroutine_handle<> handle);
  void wake() noexcept;
  /// [its own thread]
  std::unique_ptr<Watch> watch(int descriptor, ReadinessHandler& handler);
  /// No timer fires from now on.
  void stop_timers();
  /// Ends the loop once nothing is ready, and joins.
  void finish();
  std::size_t waiting_timers() const;
  std::size_t watches() const noexcept { return watch_count_.load(); }

  /// The loop of the calling thread, or null.
  static IoLoop* current() noexcept;
  const void* owner() const noexcept { return owner_; }
  IoThread index() const noexcept { return index_; }

 private:
  friend class LoopWatch;
  void run();
  void run_ready();
  int timeout_ms() const;
  void wait_and_dispatch();
  void dispatch(std::uint64_t id, std::uint32_t events);

  const void* owner_;
  IoThread index_;
  ManualClock& clock_;
  std::atomic<std::size_t>& outstanding_;  // handles posted and not yet run to their next suspension, on all threads
  int epoll_ = -1;
  int wake_ = -1;
  mutable std::mutex mutex_;
  std::vector<std::coroutine_handle<>> ready_;
  std::multimap<Call::Clock::time_point, std::coroutine_handle<>> timers_;
  bool timers_stopped_ = false;
  bool finishing_ = false;
  std::uint64_t next_watch_ = 1;  // 0 is the wake-up descriptor
  std::unordered_map<std::uint64_t, LoopWatch*> watch_by_id_;
  std::atomic<std::size_t> watch_count_{0};
  std::thread thread_;
};

}  // namespace driftstack::testing::detail

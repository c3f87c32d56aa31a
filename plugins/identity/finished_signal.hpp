#pragma once
// A signal that one side gives once and one coroutine waits for.

#include <atomic>
#include <coroutine>

#include "driftstack/host.hpp"

namespace driftstack::identity {

/// `co_await signal` continues on the io thread that is named at construction, or at once when the signal was given before.
class FinishedSignal {
 public:
  FinishedSignal(Scheduler& scheduler, IoThread thread) noexcept : scheduler_(scheduler), thread_(thread) {}
  FinishedSignal(const FinishedSignal&) = delete;
  FinishedSignal& operator=(const FinishedSignal&) = delete;

  /// [any-thread] The signal may be gone when this returns.
  void set() noexcept {
    Scheduler& scheduler = scheduler_;
    const IoThread thread = thread_;
    void* const waiter = state_.exchange(this, std::memory_order_acq_rel);
    if (waiter != nullptr) scheduler.resume_on_io(thread, std::coroutine_handle<>::from_address(waiter));
  }

  bool await_ready() const noexcept { return state_.load(std::memory_order_acquire) == this; }
  bool await_suspend(std::coroutine_handle<> handle) noexcept {
    void* expected = nullptr;
    return state_.compare_exchange_strong(expected, handle.address(), std::memory_order_acq_rel);
  }
  void await_resume() const noexcept {}

 private:
  Scheduler& scheduler_;
  const IoThread thread_;
  std::atomic<void*> state_{nullptr};  ///< null, the waiter, or this object once the signal was given
};

}  // namespace driftstack::identity

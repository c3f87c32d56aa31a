#pragma once
// Work that the first of several callers does while the others wait for it.

#include <coroutine>
#include <mutex>
#include <utility>
#include <vector>

#include "driftstack/host.hpp"

namespace driftstack::sessions {

/// [any-thread]
///
///   if (once.begin()) { co_await work(); once.finish(scheduler); }
///   co_await once.finished(thread);
class OnceDone {
 public:
  /// True for the first caller, who must call `finish` in the end.
  bool begin() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(begun_, true);
  }
  void finish(Scheduler& scheduler) {
    std::vector<Waiter> waiting;
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
      waiting.swap(waiting_);
    }
    for (const Waiter& waiter : waiting) scheduler.resume_on_io(waiter.thread, waiter.handle);
  }
  /// Goes on, on that io thread, when the work is done.
  auto finished(IoThread thread) noexcept { return Finished(*this, thread); }

 private:
  struct Waiter {
    IoThread thread;
    std::coroutine_handle<> handle;
  };
  class Finished {
   public:
    Finished(OnceDone& owner, IoThread thread) noexcept : owner_(owner), thread_(thread) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> handle) const {
      const std::lock_guard lock(owner_.mutex_);
      if (owner_.done_) return false;
      owner_.waiting_.push_back(Waiter{thread_, handle});
      return true;
    }
    void await_resume() const noexcept {}

   private:
    OnceDone& owner_;
    IoThread thread_;
  };

  std::mutex mutex_;
  bool begun_ = false;
  bool done_ = false;
  std::vector<Waiter> waiting_;
};

}  // namespace driftstack::sessions

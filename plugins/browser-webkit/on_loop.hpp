#pragma once
// `co_await on_loop<T>(...)`: work on the browser loop whose result brings the coroutine back to the thread of its call.

#include <coroutine>
#include <functional>
#include <optional>
#include <utility>

#include "driftstack/host.hpp"
#include "driver/loop_thread.hpp"

namespace driftstack::browser_webkit {

template <class T>
class on_loop {
 public:
  using Finish = std::function<void(T)>;
  /// Called on the loop thread; must call its argument exactly once, on the loop thread.
  using Begin = std::function<void(Finish)>;

  /// `home`: io thread to continue on; on a worker when it is kNoIoThread.
  on_loop(LoopThread& loop, Scheduler& scheduler, IoThread home, Begin begin)
      : loop_(loop), scheduler_(scheduler), home_(home), begin_(std::move(begin)) {}
  on_loop(const on_loop&) = delete;
  on_loop& operator=(const on_loop&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    loop_.post([this, waiter] {
      begin_([this, waiter](T result) {
        result_.emplace(std::move(result));
        wake(waiter);
      });
    });
  }
  T await_resume() { return std::move(*result_); }

 private:
  void wake(std::coroutine_handle<> waiter) const {
    if (home_ == kNoIoThread) return scheduler_.resume_on_workers(waiter);
    scheduler_.resume_on_io(home_, waiter);
  }

  LoopThread& loop_;
  Scheduler& scheduler_;
  IoThread home_;
  Begin begin_;
  std::optional<T> result_;
};

}  // namespace driftstack::browser_webkit

#pragma once

#include <coroutine>
#include <cstddef>
#include <utility>

namespace driftstack::database_postgres {

/// Counts coroutines that use an object, so that its owner can wait until none is left. [io-thread]
class TaskCount {
 public:
  void enter() noexcept { ++count_; }
  /// The last thing that a coroutine does with the object.
  void leave() {
    if (--count_ == 0 && waiter_) std::exchange(waiter_, nullptr).resume();
  }

  class Empty {
   public:
    explicit Empty(TaskCount& tasks) noexcept : tasks_(tasks) {}
    bool await_ready() const noexcept { return tasks_.count_ == 0; }
    void await_suspend(std::coroutine_handle<> waiter) const noexcept { tasks_.waiter_ = waiter; }
    void await_resume() const noexcept {}

   private:
    TaskCount& tasks_;
  };
  /// `co_await tasks.empty()`; one waiter.
  Empty empty() noexcept { return Empty(*this); }

 private:
  std::size_t count_ = 0;
  std::coroutine_handle<> waiter_;
};

}  // namespace driftstack::database_postgres

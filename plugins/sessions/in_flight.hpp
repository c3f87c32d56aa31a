#pragma once
// Counts the work of this plugin that runs, so that its stop() can wait for the last of it.

#include <coroutine>
#include <cstddef>
#include <mutex>
#include <utility>

#include "driftstack/host.hpp"
#include "driftstack/task.hpp"

namespace driftstack::sessions {

/// [any-thread]
class InFlight {
 public:
  explicit InFlight(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}

  /// One piece of work, from construction to destruction.
  class Token {
   public:
    explicit Token(InFlight& owner) : owner_(&owner) { owner_->entered(); }
    Token(Token&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Token(const Token&) = delete;
    Token& operator=(const Token&) = delete;
    Token& operator=(Token&&) = delete;
    ~Token() {
      if (owner_ != nullptr) owner_->left();
    }

   private:
    InFlight* owner_;
  };

  /// Starts a task on this thread that nobody waits for.
  void spawn(Task<> task) {
    start(std::move(task), [token = Token(*this)] {});
  }

  /// `co_await in_flight.drained(thread)`: goes on, on that io thread, when nothing runs. One waiter at a time.
  auto drained(IoThread thread) noexcept { return Drained(*this, thread); }

 private:
  class Drained {
   public:
    Drained(InFlight& owner, IoThread thread) noexcept : owner_(owner), thread_(thread) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiter) const noexcept {
      const std::lock_guard lock(owner_.mutex_);
      if (owner_.running_ == 0) return false;
      owner_.waiter_ = waiter;
      owner_.waiter_thread_ = thread_;
      return true;
    }
    void await_resume() const noexcept {}

   private:
    InFlight& owner_;
    IoThread thread_;
  };

  void entered() {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  /// The waiter may destroy this object: it is resumed when the lock is released, and nothing is touched after that.
  void left() noexcept {
    Scheduler& scheduler = scheduler_;
    std::coroutine_handle<> waiter;
    IoThread thread = kNoIoThread;
    {
      const std::lock_guard lock(mutex_);
      if (--running_ > 0) return;
      waiter = std::exchange(waiter_, nullptr);
      thread = waiter_thread_;
    }
    if (waiter) scheduler.resume_on_io(thread, waiter);
  }

  Scheduler& scheduler_;
  std::mutex mutex_;
  std::size_t running_ = 0;
  std::coroutine_handle<> waiter_;
  IoThread waiter_thread_ = kNoIoThread;
};

}  // namespace driftstack::sessions

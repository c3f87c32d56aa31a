#pragma once
// Task<T>: a lazily started coroutine that crosses the plugin boundary.
//
// Contract
// - Nothing runs before the task is awaited. It starts on the awaiting thread and may end on another one.
// - A started task always runs to its end; cancellation is a request (see Call), never a destroyed frame.
// - Exceptions never cross: Task<Result<T>> turns them into Errc::internal; any other task terminates the process.
// - No symmetric transfer: with g++ 12 it overflows the stack without optimisation and under ASan. The awaiter and the end of the
//   child shake hands over one atomic instead.

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "driftstack/result.hpp"

namespace driftstack {
inline namespace v1 {

template <class T>
class Task;

/// A call that may wait and may fail.
template <class T = Done>
using AsyncResult = Task<Result<T>>;

namespace detail {

template <class T>
inline constexpr bool kIsResult = false;
template <class T>
inline constexpr bool kIsResult<Result<T>> = true;

/// The part of every promise that awaiter and child share. Frozen: part of the ABI.
struct PromiseHead {
  static constexpr std::uint32_t kRunning = 0, kWaiterParked = 1, kFinished = 2;

  std::coroutine_handle<> waiter;
  std::atomic<std::uint32_t> phase{kRunning};

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      PromiseHead& head = self.promise();
      auto waiter = head.waiter;  // read first: the frame may die as soon as the phase is visible
      if (head.phase.exchange(kFinished, std::memory_order_acq_rel) == kWaiterParked) waiter.resume();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
};

template <class T>
struct Promise : PromiseHead {
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& value) {
    result.emplace(std::forward<U>(value));
  }
  void unhandled_exception() noexcept {
    if constexpr (kIsResult<T>) {
      try {
        throw;
      } catch (const std::exception& e) {
        result.emplace(Error(Errc::internal, e.what()));
      } catch (...) {
        result.emplace(Error(Errc::internal, "unknown exception"));
      }
    } else {
      std::terminate();
    }
  }
  T take() { return std::move(*result); }

  std::optional<T> result;
};

template <>
struct Promise<void> : PromiseHead {
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  void take() const noexcept {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      destroy();
      frame_ = std::exchange(other.frame_, nullptr);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { destroy(); }

  class Awaiter {
   public:
    explicit Awaiter(std::coroutine_handle<promise_type> child) noexcept : child_(child) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiter) const {
      auto& promise = child_.promise();
      promise.waiter = waiter;
      child_.resume();  // starts on this thread
      return promise.phase.exchange(promise_type::kWaiterParked, std::memory_order_acq_rel) != promise_type::kFinished;
    }
    T await_resume() const { return child_.promise().take(); }

   private:
    std::coroutine_handle<promise_type> child_;
  };
  /// Await once. The task object must outlive the wait (a temporary in the co_await expression does).
  Awaiter operator co_await() const noexcept { return Awaiter(frame_); }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  void destroy() noexcept {
    if (frame_) frame_.destroy();
  }
  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept { return Task<void>(std::coroutine_handle<Promise>::from_promise(*this)); }

/// A coroutine that starts at once and frees itself at its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

}  // namespace detail

/// Starts a task on this thread and lets it run to its end by itself; its result is dropped.
template <class T>
void detach(Task<T> task) {
  [](Task<T> owned) -> detail::Detached { (void)co_await owned; }(std::move(task));
}

/// Starts a task on this thread; calls `done(T)` on whichever thread it ends. `done` must not throw.
template <class T, class F>
void start(Task<T> task, F done) {
  [](Task<T> owned, F finish) -> detail::Detached {
    if constexpr (std::is_void_v<T>) {
      co_await owned;
      finish();
    } else {
      auto result = co_await owned;
      finish(std::move(result));
    }
  }(std::move(task), std::move(done));
}

}  // namespace v1
}  // namespace driftstack

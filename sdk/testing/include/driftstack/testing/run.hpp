#pragma once
// Running tasks from a test's own thread.

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "driftstack/host.hpp"
#include "driftstack/task.hpp"

namespace driftstack::testing {

/// How long `run` waits before it declares a task stuck. Generous: sanitizers and loaded machines are slow.
inline constexpr std::chrono::seconds kRunLimit{60};

namespace detail {

template <class T>
struct RunState {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::optional<T> value;

  void finish() {
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_all();
  }
  /// The task holds references to the caller's stack, so a stuck task cannot be left behind: the process ends.
  void wait() {
    std::unique_lock lock(mutex);
    if (changed.wait_for(lock, kRunLimit, [this] { return done; })) return;
    std::fprintf(stderr, "driftstack::testing::run: the task did not finish within %lld s\n", static_cast<long long>(kRunLimit.count()));
    std::abort();
  }
};

template <class T>
using Stored = std::conditional_t<std::is_void_v<T>, Done, T>;

/// The task is destroyed before the waiter wakes, so that nothing of it touches the test afterwards.
template <class T>
driftstack::detail::Detached run_on_io(Scheduler& scheduler, IoThread thread, Task<T> task, std::shared_ptr<RunState<Stored<T>>> state) {
  co_await on_io(scheduler, thread);
  {
    Task<T> owned = std::move(task);
    if constexpr (std::is_void_v<T>) {
      co_await owned;
      state->value.emplace();
    } else {
      T value = co_await owned;
      state->value.emplace(std::move(value));
    }
  }
  state->finish();
}

template <class F>
Task<std::invoke_result_t<F&>> as_task(F& function) {
  co_return function();
}

}  // namespace detail

/// Runs a task on an io thread and waits for its result. Call it from the test's thread, never from an io thread.
template <class T>
T run(Scheduler& scheduler, Task<T> task, IoThread thread = 0) {
  if (scheduler.current_io_thread() != kNoIoThread) throw std::logic_error("testing::run: waits, so it must not be called on an io thread");
  auto state = std::make_shared<detail::RunState<detail::Stored<T>>>();
  detail::run_on_io<T>(scheduler, thread, std::move(task), state);
  state->wait();
  if constexpr (!std::is_void_v<T>) return std::move(*state->value);
}

/// The same with a host.
template <class T>
T run(Host& host, Task<T> task, IoThread thread = 0) {
  return run(host.scheduler(), std::move(task), thread);
}

/// Calls a function on an io thread and waits for what it returns: for calls marked [io-thread] that do not wait.
template <class F>
auto call_on_io(Host& host, F function, IoThread thread = 0) {
  return run(host.scheduler(), detail::as_task(function), thread);
}

}  // namespace driftstack::testing

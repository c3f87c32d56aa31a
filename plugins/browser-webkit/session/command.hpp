#pragma once
// The running command: its deadline, its cancellation, and the waits of its coroutine on the GLib main loop. [main-thread]

#include <glib.h>

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "outcome.hpp"

namespace driftstack::browser_webkit {

using SteadyClock = std::chrono::steady_clock;
using Deadline = SteadyClock::time_point;

/// One command of the server. A command waits for one thing at a time.
class Command {
 public:
  explicit Command(std::chrono::milliseconds limit)
      : started_(SteadyClock::now()), last_(started_ + limit), deadline_(last_), limit_(limit) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// What follows is over after `limit`, or with the whole command.
  void begin_part(std::chrono::milliseconds limit) { deadline_ = std::min(SteadyClock::now() + limit, last_); }
  Deadline deadline() const { return deadline_; }
  bool expired() const { return SteadyClock::now() >= deadline_; }
  bool cancelled() const { return cancelled_; }
  std::int64_t elapsed_ms() const { return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - started_).count(); }

  /// Ends the current wait and every later one at once.
  void cancel() {
    cancelled_ = true;
    if (wake_) wake_();
  }

  /// Why a wait of this command brought nothing.
  Failure gave_up(std::string detail) const {
    if (cancelled_) return failure(FailureCode::cancelled, "the command was cancelled");
    return failure(FailureCode::timeout, std::move(detail));
  }

 private:
  template <class T>
  friend class OneShot;

  Deadline started_;
  Deadline last_;  // of the whole command
  Deadline deadline_;
  std::chrono::milliseconds limit_;
  bool cancelled_ = false;
  std::function<void()> wake_;  // set while a OneShot is awaited
};

/// An answer that somebody sets once and one command waits for. Copies share the answer; a late `set` hits nothing.
template <class T>
class OneShot {
  struct State {
    std::optional<T> value;
    std::coroutine_handle<> waiter;
    guint timer = 0;
    guint resume = 0;
  };

 public:
  OneShot() : state_(std::make_shared<State>()) {}

  void set(T value) const {
    if (state_->value) return;
    state_->value = std::move(value);
    schedule(*state_);
  }
  bool is_set() const { return state_->value.has_value(); }

  class Awaiter {
   public:
    Awaiter(std::shared_ptr<State> state, Command& command, Deadline until) : state_(std::move(state)), command_(command), until_(until) {}
    bool await_ready() const { return state_->value.has_value() || command_.cancelled(); }
    void await_suspend(std::coroutine_handle<> waiter) {
      state_->waiter = waiter;
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - SteadyClock::now()).count();
      state_->timer = g_timeout_add(static_cast<guint>(std::max<std::int64_t>(left, 0)), on_timer, state_.get());
      command_.wake_ = [state = state_] { schedule(*state); };
    }
    /// Nothing when the time was over or the command was cancelled.
    std::optional<T> await_resume() {
      command_.wake_ = nullptr;
      return std::move(state_->value);
    }

   private:
    std::shared_ptr<State> state_;
    Command& command_;
    Deadline until_;
  };

  /// `co_await answer.wait(command, until)`.
  Awaiter wait(Command& command, Deadline until) const { return Awaiter(state_, command, std::min(until, command.deadline())); }
  Awaiter wait(Command& command) const { return Awaiter(state_, command, command.deadline()); }

 private:
  // The coroutine goes on from the main loop, never from inside a signal handler of the engine.
  static void schedule(State& state) {
    if (!state.waiter || state.resume != 0) return;
    state.resume = g_idle_add_full(G_PRIORITY_HIGH, on_resume, &state, nullptr);
  }
  static gboolean on_timer(gpointer data) {
    auto& state = *static_cast<State*>(data);
    state.timer = 0;
    schedule(state);
    return G_SOURCE_REMOVE;
  }
  static gboolean on_resume(gpointer data) {
    auto& state = *static_cast<State*>(data);
    if (state.timer != 0) g_source_remove(std::exchange(state.timer, 0));
    state.resume = 0;
    std::exchange(state.waiter, nullptr).resume();  // the awaiter keeps the state alive until here
    return G_SOURCE_REMOVE;
  }

  std::shared_ptr<State> state_;
};

/// `co_await pause(command, 20ms)`: true when the time passed, false when the command ended first.
inline Task<bool> pause(Command& command, std::chrono::milliseconds time) {
  const Deadline until = SteadyClock::now() + time;
  const OneShot<Done> never;
  co_await never.wait(command, until);
  co_return !command.cancelled() && !command.expired();
}

}  // namespace driftstack::browser_webkit

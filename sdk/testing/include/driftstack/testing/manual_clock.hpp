#pragma once
// A clock that tests move.

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>

#include "driftstack/host.hpp"

namespace driftstack::testing {

/// Runs along with real time until `freeze()`; `advance()` moves it on in both states and wakes timers that became due. [any-thread]
class ManualClock final : public Clock {
 public:
  /// What `unix_micros()` starts at: 2026-01-01T00:00:00Z, so that texts made of it are the same in every run.
  static constexpr std::int64_t kStartUnixMicros = 1'767'225'600'000'000;

  ManualClock();

  std::chrono::steady_clock::time_point steady() const noexcept override;
  std::int64_t unix_micros() const noexcept override;

  /// Stops time: from now on only `advance()` and `set_unix_micros()` move it.
  void freeze();
  bool frozen() const noexcept;
  /// Moves both clocks on. `by` must not be negative.
  void advance(std::chrono::microseconds by);
  /// Sets what people see; the steady clock stays.
  void set_unix_micros(std::int64_t micros);

  /// Called after every `freeze()` and `advance()`, without a lock held. One listener at a time: the scheduler.
  void on_change(std::function<void()> listener);

 private:
  std::chrono::steady_clock::time_point steady_locked() const noexcept;
  void tell();

  mutable std::mutex mutex_;
  std::mutex listener_mutex_;
  std::function<void()> listener_;
  std::chrono::steady_clock::time_point real_start_;
  std::chrono::steady_clock::time_point frozen_at_;
  std::chrono::steady_clock::duration ahead_{};
  std::int64_t unix_at_start_ = kStartUnixMicros;
  bool frozen_ = false;
};

}  // namespace driftstack::testing

#include "driftstack/testing/manual_clock.hpp"

#include <stdexcept>
#include <utility>

namespace driftstack::testing {

using RealClock = std::chrono::steady_clock;

ManualClock::ManualClock() : real_start_(RealClock::now()) {}

RealClock::time_point ManualClock::steady_locked() const noexcept { return (frozen_ ? frozen_at_ : RealClock::now()) + ahead_; }

RealClock::time_point ManualClock::steady() const noexcept {
  const std::lock_guard lock(mutex_);
  return steady_locked();
}

std::int64_t ManualClock::unix_micros() const noexcept {
  const std::lock_guard lock(mutex_);
  return unix_at_start_ + std::chrono::duration_cast<std::chrono::microseconds>(steady_locked() - real_start_).count();
}

void ManualClock::freeze() {
  {
    const std::lock_guard lock(mutex_);
    if (frozen_) return;
    frozen_at_ = RealClock::now();
    frozen_ = true;
  }
  tell();
}

bool ManualClock::frozen() const noexcept {
  const std::lock_guard lock(mutex_);
  return frozen_;
}

void ManualClock::advance(std::chrono::microseconds by) {
  if (by.count() < 0) throw std::logic_error("ManualClock: time does not run backwards");
  {
    const std::lock_guard lock(mutex_);
    ahead_ += by;
  }
  tell();
}

void ManualClock::set_unix_micros(std::int64_t micros) {
  const std::lock_guard lock(mutex_);
  unix_at_start_ = micros - std::chrono::duration_cast<std::chrono::microseconds>(steady_locked() - real_start_).count();
}

void ManualClock::on_change(std::function<void()> listener) {
  const std::lock_guard lock(listener_mutex_);
  listener_ = std::move(listener);
}

void ManualClock::tell() {
  const std::lock_guard lock(listener_mutex_);
  if (listener_) listener_();
}

}  // namespace driftstack::testing

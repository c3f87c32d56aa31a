#pragma once

#include "driftstack/host.hpp"

namespace driftstack::kernel {

/// The clocks of the operating system. [any-thread]
class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point steady() const noexcept override { return std::chrono::steady_clock::now(); }
  std::int64_t unix_micros() const noexcept override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  }
};

}  // namespace driftstack::kernel

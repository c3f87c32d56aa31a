#pragma once

#include <chrono>
#include <optional>
#include <random>

#include "connection_info.hpp"
#include "driftstack/host.hpp"

namespace driftstack::database_postgres {

/// Connects on a worker and spaces the attempts: after a failure, calls are refused at once until the next attempt is due. [io-thread]
class Connector {
 public:
  Connector(Scheduler& scheduler, Clock& clock, const ConnectionInfo& info, Use use, IoThread thread)
      : scheduler_(scheduler), clock_(clock), info_(info), use_(use), thread_(thread), random_(std::random_device{}()) {}

  /// Why nobody should try now.
  std::optional<Error> hold() const {
    if (!last_failure_ || clock_.steady() >= next_attempt_) return std::nullopt;
    return last_failure_;
  }

  /// Continues on the io thread.
  AsyncResult<ConnectionPointer> connect() {
    co_await on_workers(scheduler_);
    auto connection = info_.connect(use_);
    co_await on_io(scheduler_, thread_);
    if (connection) {
      last_failure_.reset();
      delay_ = kFirstDelay;
      co_return connection;
    }
    last_failure_ = connection.error();
    next_attempt_ = clock_.steady() + jittered(delay_);
    delay_ = std::min(delay_ * 2, kLongestDelay);
    co_return connection;
  }

 private:
  using Milliseconds = std::chrono::milliseconds;
  static constexpr Milliseconds kFirstDelay{50};
  static constexpr Milliseconds kLongestDelay{5000};

  /// Half to whole, so that servers which lost the same database do not come back in step.
  Milliseconds jittered(Milliseconds delay) {
    return Milliseconds(std::uniform_int_distribution<Milliseconds::rep>(delay.count() / 2, delay.count())(random_));
  }

  Scheduler& scheduler_;
  Clock& clock_;
  const ConnectionInfo& info_;
  const Use use_;
  const IoThread thread_;
  std::minstd_rand random_;
  std::optional<Error> last_failure_;
  Call::Clock::time_point next_attempt_;
  Milliseconds delay_ = kFirstDelay;
};

}  // namespace driftstack::database_postgres

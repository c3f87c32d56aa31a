#pragma once
// What happens in sessions, on its way to the database: noted at once, written in batches.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "driftstack/host.hpp"
#include "log/log_store.hpp"
#include "once_done.hpp"

namespace driftstack::sessions {

/// Noting never waits and costs no durable write. What was noted is in the database within kWritePeriod, or lost with the server; a
/// database that is away is waited for, up to kMostWaiting entries. [any-thread] unless said otherwise.
class SessionLog {
 public:
  static constexpr std::chrono::milliseconds kWritePeriod{250};
  static constexpr std::size_t kMostWaiting = 10'000;

  SessionLog(Host& host, LogStore& store) : host_(host), store_(store) {}

  /// Gives the entry its id and its moment.
  void note(LogEntry entry);
  /// Writes what was noted so far: whoever reads afterwards sees it. [io-thread]
  AsyncResult<> write(const Call& call);

  /// Writes and, every hour, deletes what is over, until stop(). [io-thread]
  Task<> run(IoThread thread);
  void stop() noexcept { stopping_.store(true); }

 private:
  std::shared_ptr<OnceDone> begin_flight();
  void end_flight();
  AsyncResult<> write_waiting(const Call& call);
  Task<> write_some(IoThread thread);
  Task<> delete_expired(IoThread thread);

  Host& host_;
  LogStore& store_;
  std::mutex mutex_;
  std::vector<LogEntry> waiting_;
  std::shared_ptr<OnceDone> flight_;  // of the batch that is being written
  std::int64_t last_at_ = 0;
  std::uint64_t dropped_ = 0;
  std::chrono::steady_clock::time_point next_deletion_{};
  std::atomic<bool> stopping_{false};
};

}  // namespace driftstack::sessions

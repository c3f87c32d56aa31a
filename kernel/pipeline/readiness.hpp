#pragma once
// Whether the server can work: plugins' health checks and the life signs of background workers (GET /ready).

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/task.hpp"

namespace driftstack::kernel {

/// Life signs of one background worker. Lock-free to write.
class TickedWorker final : public WorkerTick {
 public:
  TickedWorker(std::string name, Clock& clock) : name_(std::move(name)), clock_(clock) {}
  void tick() noexcept override { last_tick_.store(clock_.unix_micros(), std::memory_order_relaxed); }
  const std::string& name() const noexcept { return name_; }
  /// Unix microseconds, 0 before the first tick.
  std::int64_t last_tick() const noexcept { return last_tick_.load(std::memory_order_relaxed); }

 private:
  std::string name_;
  Clock& clock_;
  std::atomic<std::int64_t> last_tick_{0};
};

/// The list of workers. Objects live as long as the registry. [any-thread]
class WorkerRegistry {
 public:
  explicit WorkerRegistry(Clock& clock) : clock_(clock) {}
  TickedWorker& add(std::string_view name);
  std::vector<const TickedWorker*> all() const;

 private:
  Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<TickedWorker> workers_;
};

/// Asks every check and makes the answer of GET /ready.
class ReadinessReport {
 public:
  ReadinessReport(Clock& clock, const WorkerRegistry& workers) : clock_(clock), workers_(workers) {}

  /// Before the first request. The check outlives the report.
  void add(HealthCheck& check) { checks_.push_back(&check); }
  /// A required plugin that is not there: the server is not ready while it is listed.
  void set_missing(std::vector<std::string> plugins) { missing_ = std::move(plugins); }

  struct Answer {
    bool ready = false;
    std::string body;
  };
  /// Asks one check after the other, each with 1.5 s (platform.md 10.1).
  AsyncResult<Answer> ask(IoThread thread, std::string request_id) const;

 private:
  Clock& clock_;
  const WorkerRegistry& workers_;
  std::vector<HealthCheck*> checks_;
  std::vector<std::string> missing_;
};

}  // namespace driftstack::kernel

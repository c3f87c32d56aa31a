#include "kernel/plugins/timed_task.hpp"

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

namespace driftstack::kernel {
namespace {

/// Shared with the task, which may end long after the waiter has gone.
class Outcome {
 public:
  void set(Result<> result) {
    const std::lock_guard lock(mutex_);
    result_.emplace(std::move(result));
    changed_.notify_all();
  }
  std::optional<Result<>> wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [this] { return result_.has_value(); });
    return result_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Result<>> result_;
};

void run(const std::function<AsyncResult<>()>& make, const std::shared_ptr<Outcome>& outcome) {
  try {
    driftstack::start(make(), [outcome](Result<> result) { outcome->set(std::move(result)); });
  } catch (const std::exception& error) {
    outcome->set(Error(Errc::internal, std::string("threw: ") + error.what()));
  } catch (...) {
    outcome->set(Error(Errc::internal, "threw something that is no std::exception"));
  }
}

}  // namespace

std::optional<Result<>> run_with_timeout(IoRunner& io, std::function<AsyncResult<>()> make, std::chrono::milliseconds timeout) {
  auto outcome = std::make_shared<Outcome>();
  io.post([make = std::move(make), outcome] { run(make, outcome); });
  return outcome->wait(timeout);
}

}  // namespace driftstack::kernel

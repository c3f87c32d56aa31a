#include "log/session_log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace driftstack::sessions {
namespace {

constexpr std::chrono::seconds kWriteLimit{10};
constexpr std::chrono::hours kDeletionPeriod{1};  // entries live for days; an hour more is nothing

}  // namespace

void SessionLog::note(LogEntry entry) {
  entry.id = LogEntryId::random();
  const std::lock_guard lock(mutex_);
  // Readers go on behind a moment, so each has its own.
  entry.at = last_at_ = std::max(host_.clock().unix_micros(), last_at_ + 1);
  if (waiting_.size() >= kMostWaiting) {
    ++dropped_;
    return;
  }
  waiting_.push_back(std::move(entry));
}

AsyncResult<> SessionLog::write(const Call& call) {
  // What somebody else is writing was noted before, too: it has to be there as well.
  for (auto other = begin_flight(); other; other = begin_flight()) co_await other->finished(call.io_thread());
  auto written = co_await write_waiting(call);
  end_flight();
  co_return written;
}

/// Null: this caller may write, and has to end its flight. Else the flight of another one.
std::shared_ptr<OnceDone> SessionLog::begin_flight() {
  const std::lock_guard lock(mutex_);
  if (flight_) return flight_;
  flight_ = std::make_shared<OnceDone>();
  return nullptr;
}

void SessionLog::end_flight() {
  std::shared_ptr<OnceDone> ended;
  {
    const std::lock_guard lock(mutex_);
    ended = std::move(flight_);
  }
  ended->finish(host_.scheduler());
}

AsyncResult<> SessionLog::write_waiting(const Call& call) {
  std::vector<LogEntry> batch;
  std::uint64_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(waiting_);
    dropped = std::exchange(dropped_, 0);
  }
  if (dropped > 0) host_.log().error("entries of session logs were dropped", {{"count", static_cast<std::int64_t>(dropped)}});
  if (batch.empty()) co_return Done();
  auto written = co_await store_.insert(call, batch);
  if (written) co_return written;
  const std::lock_guard lock(mutex_);
  batch.insert(batch.end(), std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
  waiting_ = std::move(batch);
  co_return written;
}

Task<> SessionLog::run(IoThread thread) {
  WorkerTick& worker = host_.worker("sessions.log");
  while (!stopping_.load()) {
    co_await write_some(thread);
    if (host_.clock().steady() >= next_deletion_) co_await delete_expired(thread);
    worker.tick();
    co_await until(host_.scheduler(), host_.clock().steady() + kWritePeriod, thread);
  }
  co_await write_some(thread);
}

Task<> SessionLog::write_some(IoThread thread) {
  const Call call("session-log", thread, host_.clock().steady() + kWriteLimit);
  auto written = co_await write(call);
  if (!written) host_.log().error("session logs could not be written yet", {{"error", written.error().detail}});
}

Task<> SessionLog::delete_expired(IoThread thread) {
  next_deletion_ = host_.clock().steady() + kDeletionPeriod;
  while (!stopping_.load()) {
    const Call call("session-log", thread, host_.clock().steady() + kWriteLimit);
    auto deleted = co_await store_.delete_expired(call, host_.clock().unix_micros());
    if (!deleted) host_.log().error("old session logs could not be deleted", {{"error", deleted.error().detail}});
    if (!deleted || *deleted == 0) co_return;
  }
}

}  // namespace driftstack::sessions

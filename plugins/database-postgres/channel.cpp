#include "channel.hpp"

#include <algorithm>
#include <utility>

namespace driftstack::database_postgres {
namespace {

/// How often a job is tried again alone before it fails.
constexpr int kRepeats = 3;

}  // namespace

/// Suspends the flusher until somebody asks.
class Channel::Park {
 public:
  explicit Park(Channel& channel) noexcept : channel_(channel) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> flusher) const noexcept { channel_.flusher_ = flusher; }
  void await_resume() const noexcept {}

 private:
  Channel& channel_;
};

Channel::Channel(Scheduler& scheduler, Clock& clock, Log& log, const ConnectionInfo& info, Use use, IoThread thread,
                 std::size_t queue_limit)
    : scheduler_(scheduler),
      clock_(clock),
      log_(log),
      use_(use),
      thread_(thread),
      queue_limit_(queue_limit),
      connector_(scheduler, clock, info, use, thread) {
  tasks_.enter();
  run_flushes();
}

Channel::~Channel() = default;

Task<void> Channel::close() {
  closed_ = true;
  if (session_) abandon(Error(Errc::unavailable, "the database is closed"));
  fail_queue(Error(Errc::unavailable, "the database is closed"));
  lost_session_.reset();
  wake_finished();
  if (!flush_asked_) flusher_.resume();
  co_await tasks_.empty();
}

driftstack::detail::Detached Channel::run_flushes() {
  for (;;) {
    const Park park(*this);
    co_await park;
    flush_asked_ = false;
    if (closed_) break;
    flush();
    wake_finished();
  }
  tasks_.leave();
}

driftstack::detail::Detached Channel::connect() {
  tasks_.enter();
  connecting_ = true;
  auto connection = co_await connector_.connect();
  connecting_ = false;
  if (!closed_ && connection) {
    auto session = Session::adopt(scheduler_, std::move(*connection), *this);
    if (session) {
      session_ = std::move(*session);
    } else {
      connection = session.error();
    }
  }
  if (!connection) {
    log_.warn("Cannot connect to the database.", {LogField("reason", connection.error().detail)});
    fail_queue(connection.error());
  }
  flush();
  wake_finished();
  tasks_.leave();
}

bool Channel::enqueue(ChannelJob& job, std::coroutine_handle<> waiter) {
  if (closed_) {
    job.error = Error(Errc::unavailable, "the database is closed");
  } else if (queue_.size() >= queue_limit_) {
    job.error = Error(Errc::busy, "the database has " + std::to_string(queue_limit_) + " calls waiting; try again");
  } else if (!session_ && !connecting_) {
    job.error = connector_.hold();
  }
  if (job.error) return false;
  job.waiter = waiter;
  queue_.push_back(&job);
  ask_for_flush();
  return true;
}

/// One flush for all jobs of this turn of the loop; none while a group is in flight, its end flushes anyway.
void Channel::ask_for_flush() {
  if (flush_asked_ || (session_ && !may_send())) return;
  flush_asked_ = true;
  scheduler_.resume_on_io(thread_, flusher_);
}

bool Channel::may_send() const noexcept { return use_ == Use::read || in_flight_.empty(); }

void Channel::flush() {
  if (closed_ || queue_.empty()) return;
  if (!session_) {
    if (!connecting_) connect();
    return;
  }
  if (!may_send()) return;
  std::vector<ChannelJob*> together;
  std::vector<ChannelJob*> alone;
  while (!queue_.empty() && together.size() < kGroupLimit) {
    ChannelJob& job = *queue_.front();
    queue_.pop_front();
    bool finished = false;
    if (!ready_or_finished(job, finished)) {
      if (!finished) preparing_.push_back(&job);
    } else if (job.alone) {
      alone.push_back(&job);
    } else {
      together.push_back(&job);
    }
  }
  if (!together.empty()) send(std::move(together));
  for (ChannelJob* job : alone) send(std::vector<ChannelJob*>(1, job));
  session_->flush();
  if (!queue_.empty()) ask_for_flush();
}

bool Channel::ready_or_finished(ChannelJob& job, bool& finished) {
  finished = true;
  if (job.call->cancelled()) {
    finish(job, Error(Errc::cancelled, "the caller lost interest before the statement was sent"));
    return false;
  }
  if (clock_.steady() >= job.call->deadline()) {
    finish(job, Error(Errc::timeout, "the deadline passed before the statement was sent"));
    return false;
  }
  bool all_ready = true;
  for (const Step& step : job.steps) {
    auto ready = session_->check(step);
    if (!ready) {
      finish(job, std::move(ready).error());
      return false;
    }
    if (!*ready) session_->prepare(step);
    all_ready = all_ready && *ready;
  }
  finished = false;
  return all_ready;
}

void Channel::send(std::vector<ChannelJob*> jobs) {
  auto group = std::make_unique<Group>();
  for (ChannelJob* job : jobs) {
    for (Step& step : job->steps) group->steps.push_back(&step);
  }
  group->jobs = std::move(jobs);
  session_->send(*group);
  in_flight_.push_back(std::move(group));
}

void Channel::on_unit_end(Unit& unit) {
  const auto found = std::find_if(in_flight_.begin(), in_flight_.end(), [&](const auto& group) { return group.get() == &unit; });
  const std::unique_ptr<Group> group = std::move(*found);
  in_flight_.erase(found);
  for (ChannelJob* job : group->jobs) judge(*job, *group);
}

void Channel::judge(ChannelJob& job, const Group& group) {
  if (!group.failed) return finish(job, std::nullopt);
  const bool alone = group.jobs.size() == 1;
  for (Step& step : job.steps) {
    if (step.failure) return judge_failed_step(job, step, alone);
  }
  // Not at fault: a read that was answered before the failing one keeps its answer, a write was rolled back with the others.
  if (use_ == Use::read && !group.sync_failure && job.steps.front().rows) return finish(job, std::nullopt);
  if (alone) return finish(job, group.sync_failure ? group.sync_failure->error : Error(Errc::internal, "the server skipped the statement"));
  repeat_alone(job, Error(Errc::busy, "another write of the group failed again and again"));
}

void Channel::judge_failed_step(ChannelJob& job, Step& step, bool alone) {
  Failure failure = std::move(*step.failure);
  if (failure.remedy == Remedy::prepare) {
    session_->forget(*step.statement);
    return repeat_alone(job, std::move(failure.error));
  }
  // In company a write may have been refused because of a row that is gone again with the group.
  if (!alone && use_ == Use::write) return repeat_alone(job, std::move(failure.error));
  job.needs_lease = failure.remedy == Remedy::lease;
  finish(job, std::move(failure.error));
}

void Channel::repeat_alone(ChannelJob& job, Error reason) {
  if (++job.repeats > kRepeats) return finish(job, std::move(reason));
  job.alone = true;
  queue_.push_front(&job);
}

void Channel::on_prepared(const db::Statement& statement, Result<> outcome) {
  std::vector<ChannelJob*> waiting = std::exchange(preparing_, {});
  for (ChannelJob* job : waiting) {
    const bool concerned =
        std::any_of(job->steps.begin(), job->steps.end(), [&](const Step& step) { return step.statement == &statement; });
    if (concerned && !outcome) {
      finish(*job, outcome.error());
    } else if (concerned) {
      queue_.push_back(job);
    } else {
      preparing_.push_back(job);
    }
  }
}

void Channel::on_lost(Error reason) {
  log_.warn("A database connection was lost.", {LogField("reason", reason.detail)});
  abandon(std::move(reason));
}

/// Parts with the session and decides what becomes of the jobs that it had.
void Channel::abandon(Error reason) {
  lost_session_ = std::move(session_);
  for (ChannelJob* job : std::exchange(preparing_, {})) queue_.push_back(job);  // not sent yet
  for (auto& group : std::exchange(in_flight_, {})) {
    for (ChannelJob* job : group->jobs) {
      if (use_ == Use::write) {
        finish(*job, Error(Errc::outcome_unknown, "the write was sent, its answer was lost with the connection"));
      } else {
        repeat_alone(*job, reason);
      }
    }
  }
}

void Channel::on_turn_end() {
  const std::unique_ptr<Session> lost = std::move(lost_session_);
  flush();
  wake_finished();
}

void Channel::finish(ChannelJob& job, std::optional<Error> error) {
  job.error = std::move(error);
  finished_.push_back(job.waiter);
}

void Channel::fail_queue(const Error& error) {
  for (ChannelJob* job : std::exchange(queue_, {})) finish(*job, error);
  for (ChannelJob* job : std::exchange(preparing_, {})) finish(*job, error);
}

/// The last thing of every entry: a caller that runs may do anything, close this channel included.
void Channel::wake_finished() {
  for (const auto waiter : std::exchange(finished_, {})) waiter.resume();
}

}  // namespace driftstack::database_postgres

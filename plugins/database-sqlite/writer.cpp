#include "writer.hpp"

#include <pthread.h>

#include <chrono>
#include <exception>
#include <utility>

#include "waking.hpp"

namespace driftstack::database_sqlite {
namespace {

constinit const db::Statement kBegin("BEGIN IMMEDIATE");
constinit const db::Statement kSavepoint("SAVEPOINT job");
constinit const db::Statement kRelease("RELEASE job");
constinit const db::Statement kRollbackTo("ROLLBACK TO job");
constinit const db::Statement kCommit("COMMIT");
constinit const db::Statement kRollback("ROLLBACK");

/// After this long without work the write-ahead log is folded into the database file, so that it does not keep its largest size.
constexpr std::chrono::seconds kIdleBeforeCheckpoint{1};

}  // namespace

Writer::Writer(Scheduler& scheduler, Clock& clock, Log& log, std::size_t queue_limit)
    : scheduler_(scheduler), clock_(clock), log_(log), queue_limit_(queue_limit), awake_(scheduler.io_threads()) {
  group_.reserve(kGroupLimit);
}

Writer::~Writer() { stop(); }

void Writer::start(std::unique_ptr<Connection> connection) {
  connection_ = std::move(connection);
  accepting_ = true;
  thread_ = std::thread([this] { serve(); });
  pthread_setname_np(thread_.native_handle(), "sqlite-writer");
}

void Writer::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    accepting_ = false;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
  connection_.reset();
}

std::optional<std::string> Writer::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

bool Writer::enqueue(Job& job, std::coroutine_handle<> waiter) {
  job.set_waiter(waiter);
  std::size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!accepting_) {
      job.fail(Error(Errc::unavailable, "the database is not open"));
      return false;
    }
    waiting = queue_.size();
    if (waiting >= queue_limit_) {
      job.fail(Error(Errc::busy, "the database has " + std::to_string(queue_limit_) + " writes waiting; try again"));
      return false;
    }
    queue_.push_back(&job);
  }
  if (waiting == 0) work_.notify_one();
  return true;
}

void Writer::serve() {
  while (take_group()) {
    if (group_.front()->kind() == Job::Kind::exclusive) {
      run_exclusive(*group_.front());
    } else {
      run_group();
    }
    checkpoint_due_ = true;
    wake_all();
  }
}

/// Waits for jobs. An exclusive job is a group of its own. False when stopped and empty.
bool Writer::take_group() {
  std::unique_lock lock(mutex_);
  const auto has_news = [this] { return !queue_.empty() || !accepting_; };
  if (checkpoint_due_ && !work_.wait_for(lock, kIdleBeforeCheckpoint, has_news)) {
    lock.unlock();
    connection_->checkpoint();
    checkpoint_due_ = false;
    lock.lock();
  }
  work_.wait(lock, has_news);
  group_.clear();
  while (!queue_.empty() && group_.size() < kGroupLimit) {
    Job* next = queue_.front();
    const bool exclusive = next->kind() == Job::Kind::exclusive;
    if (exclusive && !group_.empty()) break;
    queue_.pop_front();
    group_.push_back(next);
    if (exclusive) break;
  }
  return !group_.empty();
}

bool Writer::refuse_late(Job& job) const {
  if (job.call().cancelled()) {
    job.fail(Error(Errc::cancelled, "the caller lost interest before the write began"));
  } else if (clock_.steady() >= job.call().deadline()) {
    job.fail(Error(Errc::timeout, "the deadline passed before the write began"));
  }
  return job.has_failed();
}

Job::Outcome Writer::run_guarded(Job& job) {
  try {
    return job.run(*connection_);
  } catch (const std::exception& problem) {
    job.fail(Error(Errc::internal, problem.what()));
    return Job::Outcome::failed;
  }
}

void Writer::run_exclusive(Job& job) {
  if (!refuse_late(job)) run_guarded(job);
}

void Writer::run_group() {
  if (commit_together(group_)) return;
  // Each job alone gets its own chance and its own error.
  for (Job*& job : group_) {
    if (job == nullptr) continue;
    job->clear_error();
    commit_together(std::span(&job, 1));
  }
}

bool Writer::commit_together(std::span<Job*> jobs) {
  if (auto begun = connection_->run(kBegin, db::Values()); !begun) {
    fail_all(jobs, begun.error());
    return true;
  }
  for (Job*& job : jobs) {
    if (job == nullptr || refuse_late(*job)) continue;
    if (auto kept = run_in_savepoint(job); !kept) return give_up(jobs, std::move(kept).error());
  }
  if (auto committed = connection_->run(kCommit, db::Values()); !committed) {
    Error error = std::move(committed).error();
    if (!connection_->last_error_leaves_doubt()) return give_up(jobs, std::move(error));
    error.code = Errc::outcome_unknown;
    if (connection_->in_transaction()) (void)connection_->run(kRollback, db::Values());
    fail_all(jobs, error);
    return true;
  }
  note_trouble(nullptr);
  return true;
}

Result<> Writer::run_in_savepoint(Job*& job) {
  if (auto saved = connection_->run(kSavepoint, db::Values()); !saved) return std::move(saved).error();
  const Job::Outcome outcome = run_guarded(*job);
  Error lost(Errc::unavailable, "SQLite gave up the transaction");
  if (outcome == Job::Outcome::failed) lost.detail = job->error().detail;
  if (outcome == Job::Outcome::abandoned) job = nullptr;
  if (!connection_->in_transaction()) return lost;
  if (outcome != Job::Outcome::ok) {
    if (auto undone = connection_->run(kRollbackTo, db::Values()); !undone) return std::move(undone).error();
  }
  if (auto released = connection_->run(kRelease, db::Values()); !released) return std::move(released).error();
  return Done();
}

bool Writer::give_up(std::span<Job*> jobs, Error error) {
  if (connection_->in_transaction()) (void)connection_->run(kRollback, db::Values());
  if (jobs.size() > 1) return false;
  fail_all(jobs, error);
  return true;
}

void Writer::fail_all(std::span<Job*> jobs, const Error& error) {
  for (Job* job : jobs) {
    if (job != nullptr && !job->has_failed()) job->fail(Error(error));
  }
  note_trouble(&error);
}

void Writer::note_trouble(const Error* error) {
  if (error != nullptr && (error->code == Errc::constraint || error->code == Errc::conflict)) return;  // a deferred foreign key
  if (error == nullptr && !in_trouble_) return;
  if (error == nullptr) {
    log_.info("The database takes writes again.");
  } else if (!in_trouble_) {
    log_.error("The database cannot write; reads go on.", {LogField("reason", error->detail)});
  }
  in_trouble_ = error != nullptr;
  const std::lock_guard lock(mutex_);
  trouble_.reset();
  if (error != nullptr) trouble_ = error->detail;
}

void Writer::wake_all() {
  for (Job* job : group_) {
    if (job == nullptr) continue;
    const IoThread home = job->call().io_thread();
    if (home < awake_.size()) {
      awake_[home].push_back(job->waiter());
    } else {
      wake(scheduler_, job->call(), job->waiter());
    }
  }
  group_.clear();  // the jobs may be gone from here on
  for (std::size_t home = 0; home < awake_.size(); ++home) {
    if (awake_[home].empty()) continue;
    scheduler_.resume_all_on_io(static_cast<IoThread>(home), awake_[home]);
    awake_[home].clear();
  }
}

}  // namespace driftstack::database_sqlite

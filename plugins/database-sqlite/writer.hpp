#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "connection.hpp"
#include "driftstack/host.hpp"
#include "job.hpp"

namespace driftstack::database_sqlite {

/// The one thread that changes the database. It takes what is waiting (up to kGroupLimit jobs), runs each job in a savepoint of one
/// transaction, commits, and only then wakes the callers: one synchronisation of the disk for all of them, and no shared fate.
class Writer {
 public:
  Writer(Scheduler& scheduler, Clock& clock, Log& log, std::size_t queue_limit);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void start(std::unique_ptr<Connection> connection);
  /// Finishes what is queued and ends the thread. Later jobs are refused. [worker]
  void stop() noexcept;

  /// `co_await writer.submit(job)`: returns when the job is durable or has failed.
  class Submission {
   public:
    Submission(Writer& writer, Job& job) noexcept : writer_(writer), job_(job) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiter) const { return writer_.enqueue(job_, waiter); }
    void await_resume() const noexcept {}

   private:
    Writer& writer_;
    Job& job_;
  };
  Submission submit(Job& job) noexcept { return Submission(*this, job); }

  /// Why the last commit failed, until one works again. [any-thread]
  std::optional<std::string> trouble() const;

  /// Jobs per commit. Measured with 64 callers: 35 to 45 are enough for 15 us per durable write; the rest is headroom.
  static constexpr std::size_t kGroupLimit = 256;

 private:
  bool enqueue(Job& job, std::coroutine_handle<> waiter);
  void serve();
  bool take_group();
  void run_group();
  void run_exclusive(Job& job);
  Job::Outcome run_guarded(Job& job);
  /// Runs the jobs in one transaction; false if nothing of it happened and each of them should be tried alone. Entries of jobs that must
  /// not be touched any more become null.
  bool commit_together(std::span<Job*> jobs);
  /// An error means that the whole transaction is lost; the job's own failure is noted in the job.
  Result<> run_in_savepoint(Job*& job);
  bool give_up(std::span<Job*> jobs, Error error);
  void fail_all(std::span<Job*> jobs, const Error& error);
  bool refuse_late(Job& job) const;
  void note_trouble(const Error* error);
  void wake_all();

  Scheduler& scheduler_;
  Clock& clock_;
  Log& log_;
  const std::size_t queue_limit_;
  std::unique_ptr<Connection> connection_;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Job*> queue_;
  bool accepting_ = false;
  std::optional<std::string> trouble_;

  // Writer thread only.
  std::vector<Job*> group_;
  std::vector<std::vector<std::coroutine_handle<>>> awake_;  // one list per io thread
  bool checkpoint_due_ = false;
  bool in_trouble_ = false;
  std::thread thread_;
};

}  // namespace driftstack::database_sqlite

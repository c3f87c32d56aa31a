#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "connector.hpp"
#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "session.hpp"
#include "task_count.hpp"

namespace driftstack::database_postgres {

/// Statements that a caller waits for on a shared connection: one read, or the steps of a write. Lives in the caller's frame.
struct ChannelJob {
  explicit ChannelJob(const Call& call) : call(&call) {}
  const Call* call;
  std::vector<Step> steps;
  std::optional<Error> error;  ///< set if the job failed; else every step has rows
  bool needs_lease = false;    ///< with `error`: it may work on a leased connection
  // Of the channel:
  std::coroutine_handle<> waiter;
  bool alone = false;  ///< has its own Sync, since it met trouble in company
  int repeats = 0;
};

/// One shared connection of an io thread.
///
/// Reads: whatever is waiting goes out behind one Sync per turn of the loop; several units may be in flight. Writes: one unit is in flight,
/// callers that come meanwhile form the next one, so that they share a commit; if a unit fails, its jobs are repeated one by one, so that
/// they do not share a fate. [io-thread]
class Channel final : private Session::Owner {
 public:
  Channel(Scheduler& scheduler, Clock& clock, Log& log, const ConnectionInfo& info, Use use, IoThread thread, std::size_t queue_limit);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  class Submission {
   public:
    Submission(Channel& channel, ChannelJob& job) noexcept : channel_(channel), job_(job) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiter) const { return channel_.enqueue(job_, waiter); }
    void await_resume() const noexcept {}

   private:
    Channel& channel_;
    ChannelJob& job_;
  };
  /// `co_await channel.submit(job)`: returns when the job is answered.
  Submission submit(ChannelJob& job) noexcept { return Submission(*this, job); }

  /// Refuses what is queued and what comes, and ends the connection.
  Task<void> close();

  /// Jobs behind one Sync. Measured: 64 callers fill groups of 20 to 60; a larger group only delays its first caller.
  static constexpr std::size_t kGroupLimit = 256;

 private:
  struct Group : Unit {
    std::vector<ChannelJob*> jobs;
  };
  class Park;

  bool enqueue(ChannelJob& job, std::coroutine_handle<> waiter);
  driftstack::detail::Detached run_flushes();
  driftstack::detail::Detached connect();
  void ask_for_flush();
  void flush();
  bool may_send() const noexcept;
  /// Sends what the job needs prepared; true if nothing is missing. A misused job is finished.
  bool ready_or_finished(ChannelJob& job, bool& finished);
  void send(std::vector<ChannelJob*> jobs);
  void judge(ChannelJob& job, const Group& group);
  void judge_failed_step(ChannelJob& job, Step& step, bool alone);
  void repeat_alone(ChannelJob& job, Error reason);
  void finish(ChannelJob& job, std::optional<Error> error);
  void abandon(Error reason);
  void fail_queue(const Error& error);
  void wake_finished();

  void on_unit_end(Unit& unit) override;
  void on_prepared(const db::Statement& statement, Result<> outcome) override;
  void on_lost(Error reason) override;
  void on_turn_end() override;

  Scheduler& scheduler_;
  Clock& clock_;
  Log& log_;
  const Use use_;
  const IoThread thread_;
  const std::size_t queue_limit_;
  Connector connector_;

  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> lost_session_;  // destroyed at the end of its last turn
  std::deque<ChannelJob*> queue_;
  std::vector<ChannelJob*> preparing_;
  std::vector<std::unique_ptr<Group>> in_flight_;
  std::vector<std::coroutine_handle<>> finished_;
  std::coroutine_handle<> flusher_;
  bool flush_asked_ = false;
  bool connecting_ = false;
  bool closed_ = false;
  TaskCount tasks_;
};

}  // namespace driftstack::database_postgres

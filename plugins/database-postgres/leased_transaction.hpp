#pragma once

#include <atomic>
#include <coroutine>
#include <optional>
#include <string>

#include "driftstack/host.hpp"
#include "driftstack/roles/database.hpp"
#include "lease_pool.hpp"

namespace driftstack::database_postgres {

/// `tx.lock(key)`: held until the transaction ends. Keys are texts; two of them share a lock once in 2^64.
extern constinit const db::Statement kTakeLock;

/// One attempt to run a transaction body on a leased connection. BEGIN travels with the first statement. [io-thread]
class LeasedTransaction final : private db::Transaction, private LeasedConnection::TurnObserver {
 public:
  LeasedTransaction(Scheduler& scheduler, Log& log, LeasedConnection& connection, IoThread home)
      : scheduler_(scheduler), log_(log), connection_(connection), home_(home) {}

  /// Runs the body, commits if it is content, else rolls back. Ends only after the body ended.
  AsyncResult<> execute(db::TransactionBody& body);
  /// After a failed execute(): nothing was kept, and the same body may succeed another time.
  bool may_repeat() const noexcept { return may_repeat_; }

 private:
  enum class Phase { running, body_ended, engine_left };
  class BodyEnd;

  AsyncResult<db::Rows> run(const db::Statement& statement, db::Values values) override;
  AsyncResult<> lock(std::string key) override;
  void on_turn_over() override;
  Result<> check_use();
  AsyncResult<> commit();
  AsyncResult<> roll_back();
  /// Asked whenever the engine has the control again: the body waits for its transaction, has ended, or awaits something foreign.
  bool body_is_over();
  Error fail(Error error, Remedy remedy);

  Scheduler& scheduler_;
  Log& log_;
  LeasedConnection& connection_;
  const IoThread home_;
  const db::Values no_values_;
  bool begun_ = false;
  bool in_flight_ = false;
  bool poisoned_ = false;  ///< the body is over for the engine
  bool may_repeat_ = false;
  std::optional<Error> first_failure_;
  std::atomic<bool> misused_{false};  ///< the body awaited something foreign
  std::atomic<Phase> phase_{Phase::running};
  std::optional<Result<>> body_result_;
  std::coroutine_handle<> waiter_;
};

}  // namespace driftstack::database_postgres

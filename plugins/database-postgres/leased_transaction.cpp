#include "leased_transaction.hpp"

#include <utility>

namespace driftstack::database_postgres {

constinit const db::Statement kTakeLock("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");

namespace {

constinit const db::Statement kBegin("BEGIN ISOLATION LEVEL READ COMMITTED");
constinit const db::Statement kCommit("COMMIT");
constinit const db::Statement kRollback("ROLLBACK");

Error misuse() { return Error(Errc::misuse, "a transaction body awaits nothing but its transaction"); }

}  // namespace

/// Starts the body and suspends until it ended.
class LeasedTransaction::BodyEnd {
 public:
  BodyEnd(LeasedTransaction& transaction, db::TransactionBody& body) noexcept : transaction_(transaction), body_(body) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) const {
    LeasedTransaction& transaction = transaction_;
    transaction.waiter_ = waiter;
    start(body_.run(transaction), [&transaction](Result<> result) {
      transaction.body_result_ = std::move(result);
      if (transaction.phase_.exchange(Phase::body_ended, std::memory_order_acq_rel) != Phase::engine_left) return;
      transaction.scheduler_.resume_on_io(transaction.home_, transaction.waiter_);
    });
    return !transaction.body_is_over();
  }
  void await_resume() const noexcept {}

 private:
  LeasedTransaction& transaction_;
  db::TransactionBody& body_;
};

bool LeasedTransaction::body_is_over() {
  if (in_flight_) return false;
  poisoned_ = true;
  if (phase_.exchange(Phase::engine_left, std::memory_order_acq_rel) == Phase::body_ended) return true;
  // The body is suspended although its transaction has answered everything. Its end will post to this very thread, so all is still there.
  misused_.store(true, std::memory_order_relaxed);
  log_.error("A transaction body awaited something other than its transaction; it is rolled back.");
  return false;
}

void LeasedTransaction::on_turn_over() {
  if (body_is_over()) waiter_.resume();
}

AsyncResult<> LeasedTransaction::execute(db::TransactionBody& body) {
  connection_.observe(this);
  const BodyEnd end(*this, body);
  co_await end;
  connection_.observe(nullptr);
  std::optional<Error> error;
  if (misused_.load(std::memory_order_relaxed)) {
    error = misuse();
    may_repeat_ = false;
  } else if (!*body_result_) {
    error = std::move(*body_result_).error();
  } else if (first_failure_) {
    error = std::move(first_failure_);  // the body went on as if nothing had happened
  }
  if (!error) co_return co_await commit();
  auto rolled_back = co_await roll_back();
  if (!rolled_back) log_.warn("A transaction was ended by the loss of its connection.", {});
  co_return std::move(*error);
}

Result<> LeasedTransaction::check_use() {
  if (scheduler_.current_io_thread() != home_) {
    misused_.store(true, std::memory_order_relaxed);
    return misuse();
  }
  if (poisoned_) return misuse();
  if (!first_failure_) return Done();
  return Error(Errc::misuse, "the transaction has failed already: return the error of the first failed statement");
}

Error LeasedTransaction::fail(Error error, Remedy remedy) {
  // Nothing is kept of a transaction that did not commit, so a lost connection is no obstacle to another attempt.
  may_repeat_ = error.code == Errc::busy || remedy == Remedy::prepare || connection_.lost();
  first_failure_ = error;
  return error;
}

AsyncResult<db::Rows> LeasedTransaction::run(const db::Statement& statement, db::Values values) {
  if (auto usable = check_use(); !usable) co_return std::move(usable).error();
  Step begin(kBegin, no_values_);
  Step step(statement, values);
  Unit unit;
  if (!begun_) unit.steps.push_back(&begin);
  unit.steps.push_back(&step);
  in_flight_ = true;
  auto ended = co_await connection_.run(unit);
  in_flight_ = false;
  if (!ended) co_return fail(std::move(ended).error(), Remedy::none);
  begun_ = true;
  if (step.failure) {
    if (step.failure->remedy == Remedy::prepare) connection_.forget(statement);
    co_return fail(std::move(step.failure->error), step.failure->remedy);
  }
  if (!step.rows) co_return fail(Error(Errc::internal, "the server skipped a statement"), Remedy::none);
  if (!*step.rows) co_return fail(std::move(*step.rows).error(), Remedy::none);
  co_return std::move(*step.rows);
}

AsyncResult<> LeasedTransaction::lock(std::string key) {
  auto locked = co_await run(kTakeLock, db::values(std::move(key)));
  if (!locked) co_return std::move(locked).error();
  co_return Done();
}

AsyncResult<> LeasedTransaction::commit() {
  if (!begun_) co_return Done();
  const bool lost_before = connection_.lost();
  Step step(kCommit, no_values_);
  Unit unit;
  unit.steps.push_back(&step);
  auto ended = co_await connection_.run(unit);
  if (!ended && lost_before) co_return fail(std::move(ended).error(), Remedy::none);
  if (!ended) co_return Error(Errc::outcome_unknown, "the commit was sent, its answer was lost with the connection");
  if (step.failure) co_return fail(std::move(step.failure->error), step.failure->remedy);
  co_return Done();
}

AsyncResult<> LeasedTransaction::roll_back() {
  if (!begun_ || connection_.lost()) co_return Done();
  Step step(kRollback, no_values_);
  Unit unit;
  unit.steps.push_back(&step);
  co_return co_await connection_.run(unit);
}

}  // namespace driftstack::database_postgres

#include "lease_pool.hpp"

#include <algorithm>
#include <utility>

namespace driftstack::database_postgres {

// ---------------------------------------------------------------- LeasedConnection

/// Suspends until the session answered or is lost.
class LeasedConnection::Answer {
 public:
  explicit Answer(LeasedConnection& connection) noexcept : connection_(connection) {}
  bool await_ready() const noexcept { return connection_.lost(); }
  void await_suspend(std::coroutine_handle<> waiter) const noexcept {
    connection_.answered_ = false;
    connection_.waiter_ = waiter;
  }
  void await_resume() const noexcept {}

 private:
  LeasedConnection& connection_;
};

Result<> LeasedConnection::adopt(Scheduler& scheduler, ConnectionPointer connection) {
  auto session = Session::adopt(scheduler, std::move(connection), *this);
  if (!session) return std::move(session).error();
  session_ = std::move(*session);
  return Done();
}

AsyncResult<> LeasedConnection::prepare(const Step& step) {
  auto ready = session_->check(step);
  if (!ready) co_return std::move(ready).error();
  if (*ready) co_return Done();
  preparation_.reset();
  session_->prepare(step);
  session_->flush();
  const Answer answer(*this);
  co_await answer;
  if (lost()) co_return *loss_;
  co_return std::move(*preparation_);
}

AsyncResult<> LeasedConnection::run(Unit& unit) {
  if (lost()) co_return *loss_;
  for (const Step* step : unit.steps) {
    auto prepared = co_await prepare(*step);
    if (!prepared) co_return prepared;
  }
  session_->send(unit);
  session_->flush();
  const Answer answer(*this);
  co_await answer;
  if (lost()) co_return *loss_;
  co_return Done();
}

void LeasedConnection::on_unit_end(Unit&) { answered_ = true; }

void LeasedConnection::on_prepared(const db::Statement&, Result<> outcome) {
  preparation_ = std::move(outcome);
  answered_ = true;
}

void LeasedConnection::on_lost(Error reason) {
  log_.warn("A leased database connection was lost.", {LogField("reason", reason.detail)});
  loss_ = std::move(reason);
}

void LeasedConnection::on_turn_end() {
  if (!waiter_ || (!answered_ && !lost())) return;
  TurnObserver* const observer = observer_;  // read first: without an observer the waiter may give the lease back, and this object may go
  std::exchange(waiter_, nullptr).resume();
  if (observer != nullptr) observer->on_turn_over();
}

// ---------------------------------------------------------------- LeasePool

Lease::~Lease() {
  if (connection_ != nullptr) pool_->give_back(*connection_);
}

/// Suspends until a connection is handed over.
class LeasePool::Turn {
 public:
  Turn(LeasePool& pool, Waiting& waiting) noexcept : pool_(pool), waiting_(waiting) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const {
    waiting_.handle = handle;
    pool_.queue_.push_back(&waiting_);
  }
  void await_resume() const noexcept {}

 private:
  LeasePool& pool_;
  Waiting& waiting_;
};

LeasePool::LeasePool(Scheduler& scheduler, Clock& clock, Log& log, const ConnectionInfo& info, IoThread thread, std::size_t limit,
                     std::size_t queue_limit)
    : scheduler_(scheduler),
      clock_(clock),
      log_(log),
      thread_(thread),
      limit_(limit),
      queue_limit_(queue_limit),
      connector_(scheduler, clock, info, Use::lease, thread) {}

LeasedConnection* LeasePool::take_idle() {
  while (!idle_.empty()) {
    LeasedConnection* connection = idle_.back();
    idle_.pop_back();
    if (!connection->lost()) return connection;
    drop(*connection);
  }
  return nullptr;
}

AsyncResult<Lease> LeasePool::acquire(const Call& call) {
  if (closed_) co_return Error(Errc::unavailable, "the database is closed");
  LeasedConnection* connection = take_idle();
  if (connection == nullptr && connections_.size() + opening_ >= limit_) {
    if (queue_.size() >= queue_limit_) co_return Error(Errc::busy, "all connections to the database are taken; try again");
    Waiting waiting;
    const Turn turn(*this, waiting);
    co_await turn;
    connection = waiting.connection;
    if (closed_) co_return Error(Errc::unavailable, "the database is closed");
  }
  if (connection == nullptr) {
    auto opened = co_await open();
    if (!opened) co_return std::move(opened).error();
    connection = *opened;
  }
  Lease lease(*this, *connection);
  if (call.cancelled()) co_return Error(Errc::cancelled, "the caller lost interest before a connection was free");
  if (clock_.steady() >= call.deadline()) co_return Error(Errc::timeout, "the deadline passed before a connection was free");
  co_return lease;
}

AsyncResult<LeasedConnection*> LeasePool::open() {
  if (auto reason = connector_.hold()) co_return *reason;
  tasks_.enter();
  ++opening_;
  auto opened = co_await connector_.connect();
  --opening_;
  Result<> adopted;
  auto connection = std::make_unique<LeasedConnection>(log_);
  if (!opened) {
    adopted = std::move(opened).error();
  } else if (closed_) {
    adopted = Error(Errc::unavailable, "the database is closed");
  } else {
    adopted = connection->adopt(scheduler_, std::move(*opened));
  }
  LeasedConnection* const result = connection.get();
  if (adopted) {
    connections_.push_back(std::move(connection));
  } else if (!queue_.empty()) {
    Waiting* next = queue_.front();  // it has the place now, and finds out for itself
    queue_.pop_front();
    scheduler_.resume_on_io(thread_, next->handle);
  }
  tasks_.leave();
  if (!adopted) co_return std::move(adopted).error();
  co_return result;
}

void LeasePool::give_back(LeasedConnection& connection) {
  if (connection.lost() || closed_) {
    drop(connection);
    if (queue_.empty()) return;
  } else if (queue_.empty()) {
    idle_.push_back(&connection);
    return;
  } else {
    queue_.front()->connection = &connection;
  }
  Waiting* next = queue_.front();
  queue_.pop_front();
  scheduler_.resume_on_io(thread_, next->handle);
}

void LeasePool::drop(LeasedConnection& connection) {
  std::erase_if(connections_, [&](const auto& owned) { return owned.get() == &connection; });
}

Task<void> LeasePool::close() {
  closed_ = true;
  idle_.clear();
  connections_.clear();
  for (Waiting* waiting : std::exchange(queue_, {})) scheduler_.resume_on_io(thread_, waiting->handle);
  co_await tasks_.empty();
}

}  // namespace driftstack::database_postgres

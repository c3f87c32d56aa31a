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

/// A connection that one caller has for itself; runs one unit at a time. [io-thread]
class LeasedConnection final : private Session::Owner {
 public:
  /// Told each time after the waiter of an answer ran and gave the control back.
  class TurnObserver {
   public:
    virtual void on_turn_over() = 0;

   protected:
    ~TurnObserver() = default;
  };

  explicit LeasedConnection(Log& log) noexcept : log_(log) {}
  Result<> adopt(Scheduler& scheduler, ConnectionPointer connection);

  /// Prepares what is missing, sends the unit and waits for its end. An error: the unit did not end (misuse, failed preparation, lost
  /// connection); what became of its steps otherwise is in the steps.
  AsyncResult<> run(Unit& unit);
  bool lost() const noexcept { return loss_.has_value(); }
  /// Null: nobody. An observer must hold the lease until it stops observing.
  void observe(TurnObserver* observer) noexcept { observer_ = observer; }
  /// Forgets a statement whose plan is stale.
  void forget(const db::Statement& statement) { session_->forget(statement); }

 private:
  class Answer;
  AsyncResult<> prepare(const Step& step);

  void on_unit_end(Unit& unit) override;
  void on_prepared(const db::Statement& statement, Result<> outcome) override;
  void on_lost(Error reason) override;
  void on_turn_end() override;

  Log& log_;
  std::unique_ptr<Session> session_;
  std::optional<Error> loss_;
  std::optional<Result<>> preparation_;
  TurnObserver* observer_ = nullptr;
  bool answered_ = false;
  std::coroutine_handle<> waiter_;
};

class LeasePool;

/// Holds a connection until destroyed, on its io thread.
class Lease {
 public:
  Lease(LeasePool& pool, LeasedConnection& connection) noexcept : pool_(&pool), connection_(&connection) {}
  Lease(Lease&& other) noexcept : pool_(other.pool_), connection_(std::exchange(other.connection_, nullptr)) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease();
  LeasedConnection* operator->() const noexcept { return connection_; }
  LeasedConnection& operator*() const noexcept { return *connection_; }

 private:
  LeasePool* pool_;
  LeasedConnection* connection_;
};

/// The leased connections of one io thread, opened when first needed. [io-thread]
class LeasePool {
 public:
  LeasePool(Scheduler& scheduler, Clock& clock, Log& log, const ConnectionInfo& info, IoThread thread, std::size_t limit,
            std::size_t queue_limit);
  LeasePool(const LeasePool&) = delete;
  LeasePool& operator=(const LeasePool&) = delete;

  AsyncResult<Lease> acquire(const Call& call);
  Task<void> close();

 private:
  friend class Lease;
  struct Waiting {
    std::coroutine_handle<> handle;
    LeasedConnection* connection = nullptr;
  };
  class Turn;

  AsyncResult<LeasedConnection*> open();
  LeasedConnection* take_idle();
  void give_back(LeasedConnection& connection);
  void drop(LeasedConnection& connection);

  Scheduler& scheduler_;
  Clock& clock_;
  Log& log_;
  const IoThread thread_;
  const std::size_t limit_, queue_limit_;
  Connector connector_;
  std::vector<std::unique_ptr<LeasedConnection>> connections_;
  std::vector<LeasedConnection*> idle_;
  std::size_t opening_ = 0;
  std::deque<Waiting*> queue_;
  bool closed_ = false;
  TaskCount tasks_;
};

}  // namespace driftstack::database_postgres

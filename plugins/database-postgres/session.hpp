#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "connection_info.hpp"
#include "driftstack/host.hpp"
#include "driftstack/roles/database.hpp"
#include "result_codec.hpp"

namespace driftstack::database_postgres {

/// One statement to run, and what came of it. Lives with whoever waits for it.
struct Step {
  Step(const db::Statement& statement, const db::Values& values) : statement(&statement), values(&values) {}
  void reset() {
    rows.reset();
    failure.reset();
  }
  const db::Statement* statement;
  const db::Values* values;
  std::optional<Result<db::Rows>> rows;  ///< answered
  std::optional<Failure> failure;        ///< refused; neither of both: not reached, because an earlier step was refused
};

/// Steps in front of one Sync. Outside of BEGIN they are one transaction: they are durable, or nothing of them happened, when the unit
/// ends.
struct Unit {
  std::vector<Step*> steps;
  bool failed = false;
  std::optional<Failure> sync_failure;  ///< the commit itself was refused
};

/// One connection in pipeline mode, on one io thread: sends units and reports their ends in order. [io-thread]
class Session final : private ReadinessHandler {
 public:
  class Owner {
   public:
    /// The unit's Sync came back. Until then no step of it counts: a result arrives before its commit.
    virtual void on_unit_end(Unit& unit) = 0;
    virtual void on_prepared(const db::Statement& statement, Result<> outcome) = 0;
    /// Nothing more comes; units that did not end never will.
    virtual void on_lost(Error reason) = 0;
    /// The last call of a turn: from here on the session may be destroyed and waiters may run.
    virtual void on_turn_end() = 0;

   protected:
    ~Owner() = default;
  };

  static Result<std::unique_ptr<Session>> adopt(Scheduler& scheduler, ConnectionPointer connection, Owner& owner);
  ~Session() override;

  /// True if the statement can be sent, false if it must be prepared first. Errc::misuse for a wrong number or type of parameters.
  Result<bool> check(const Step& step) const;
  /// Prepares a statement behind its own Sync, so that its failure harms nothing else. Nothing happens if that is under way.
  void prepare(const Step& step);
  /// Forgets a prepared statement whose plan is stale.
  void forget(const db::Statement& statement) { prepared_.erase(&statement); }
  /// Queues a unit, all of whose steps are prepared. It must live until it ends or the session is lost.
  void send(Unit& unit);
  /// Puts what is queued on the wire.
  void flush();

 private:
  struct Prepared {
    std::string name;
    std::vector<db::Type> types;
    bool ready = false;
  };
  /// What the server still owes, in order.
  struct Owed {
    enum class Kind { preparation, step, sync };
    Kind kind;
    const db::Statement* statement;  ///< of a preparation, also at its Sync
    Step* step;
    Unit* unit;
  };
  struct Preparation {
    const db::Statement* statement;
    Result<> outcome;
  };

  Session(ConnectionPointer connection, Owner& owner, int descriptor);
  void on_ready(Readiness what) noexcept override;
  void read_answers();
  void take(ResultPointer result);
  void take_step(Owed& owed, const pg_result* result);
  void sync(const db::Statement* prepared, Unit* unit);
  void give_up();
  void report();

  ConnectionPointer connection_;
  Owner& owner_;
  /// A duplicate: libpq closes its own descriptor when it meets an error, while the watch still looks at it.
  int descriptor_;
  std::unique_ptr<Watch> watch_;
  std::unordered_map<const db::Statement*, Prepared> prepared_;
  std::uint64_t next_name_ = 1;
  std::deque<Owed> owed_;
  std::vector<Unit*> ended_units_;
  std::vector<Preparation> ended_preparations_;
  std::optional<Result<>> preparation_outcome_;  // between a preparation's answer and its Sync
  bool lost_ = false;
  std::string loss_;
};

}  // namespace driftstack::database_postgres

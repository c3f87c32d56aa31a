#pragma once
// Role AuditLog: appends to the chain of an account inside the transaction of the change.

#include <array>
#include <vector>

#include "chain.hpp"
#include "driftstack/host.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "entry.hpp"

namespace driftstack::audit {

/// driftstack_account_audit_emit_total{prefix, actor_type}: made at start, so that counting costs nothing. A transaction that the engine
/// repeats counts again. [any-thread]
class EmitCounters {
 public:
  explicit EmitCounters(Metrics& metrics);
  void count(const AuditEntry& entry) noexcept;

 private:
  struct Row {
    std::string_view prefix;
    std::array<Counter*, 3> by_actor;
  };
  std::vector<Row> rows_;  ///< the last row counts what has no known prefix
};

/// [any-thread] as the engine runs transactions.
class ChainedLog final : public AuditLog {
 public:
  ChainedLog(Host& host, const Chain& chain) : clock_(host.clock()), log_(host.log()), chain_(chain), counters_(host.metrics()) {}

  /// Errc::misuse (payload is no JSON object), Errc::internal (the head of the chain was changed by someone else: appending would seal over
  /// the damage, so the change is refused until the operator has looked).
  AsyncResult<> append(db::Transaction& transaction, AuditEntry entry) override;

 private:
  Clock& clock_;
  Log& log_;
  const Chain& chain_;
  EmitCounters counters_;
};

}  // namespace driftstack::audit

#pragma once
// Proof that the audit log is whole: what `driftstack audit verify` does.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack {
inline namespace v1 {

/// How a chain is broken.
enum class AuditBreakKind : std::uint8_t {
  edited,     ///< an entry's bytes are not those that were appended (or the entry before it was taken out and the rest renumbered)
  reordered,  ///< an entry is genuine, but stands in another place of the chain
  missing,    ///< a number in the middle of the chain has no entry
  cut,        ///< entries at the end, or all of them, are gone
  added,      ///< entries stand behind the head that the log knows
  head,       ///< the record of head and count is gone or was changed
};

/// The first broken place of one account's chain.
struct AuditBreak {
  AuditBreak(const Uuid& account, std::int64_t position, AuditBreakKind kind, std::string detail)
      : account(account), position(position), kind(kind), detail(std::move(detail)) {}
  Uuid account;
  std::int64_t position;  ///< number of the entry in its chain, from 1; 0 for the head
  AuditBreakKind kind;
  std::string detail;  ///< a sentence for the operator
};

/// What was walked, up to the first break.
struct AuditVerdict {
  std::int64_t accounts = 0;
  std::int64_t entries = 0;
  std::optional<AuditBreak> first_break;
};

/// Implemented by `audit`. Reads only; may run beside a server that appends. It proves that nobody without the master key changed, removed,
/// inserted or moved an entry. It cannot see that entries and head were both put back to an older state together: that takes an anchor
/// outside of the store.
class AuditVerification {
 public:
  static constexpr InterfaceId kId{"audit.verification", 1};
  /// Walks every chain in the order of account ids. An Error means that the walk itself failed. [io-thread]
  virtual AsyncResult<AuditVerdict> verify(const Call& call) = 0;

 protected:
  ~AuditVerification() = default;
};

}  // namespace v1
}  // namespace driftstack

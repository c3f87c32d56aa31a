#pragma once
// Walks every chain and finds the first break.

#include "chain.hpp"
#include "driftstack/roles/audit_verification.hpp"
#include "store.hpp"

namespace driftstack::audit {

class Verification final : public AuditVerification {
 public:
  Verification(Store& store, const Chain& chain) noexcept : store_(store), chain_(chain) {}
  AsyncResult<AuditVerdict> verify(const Call& call) override;

 private:
  using Finding = std::optional<AuditBreak>;
  AsyncResult<Finding> walk(const Call& call, AccountHead account, std::int64_t& entries);
  /// What may stand behind the head: nothing, unless the server appended since the head was read.
  AsyncResult<Finding> look_behind(const Call& call, AccountHead account, std::int64_t first_number);
  /// Tells an entry that was moved from one whose bytes were changed.
  AsyncResult<AuditBreak> explain(const Call& call, const StoredEntry& entry);

  Store& store_;
  const Chain& chain_;
};

}  // namespace driftstack::audit

#pragma once
// An audit log that remembers and chains nothing.

#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/roles/audit_log.hpp"

namespace driftstack::testing {

/// Remembers every entry, also of a transaction that is rolled back later: what counts is what the code under test appended. [any-thread]
class RecordingAuditLog final : public AuditLog {
 public:
  AsyncResult<> append(db::Transaction& transaction, AuditEntry entry) override;

  std::vector<AuditEntry> entries() const;
  std::vector<AuditEntry> entries(std::string_view action) const;
  /// The next append fails so and remembers nothing.
  void fail_next(Error error);

 private:
  Result<> keep(AuditEntry entry);

  mutable std::mutex mutex_;
  std::vector<AuditEntry> entries_;
  std::optional<Error> failure_;
};

}  // namespace driftstack::testing

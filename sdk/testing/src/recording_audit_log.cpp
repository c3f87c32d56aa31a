#include "driftstack/testing/recording_audit_log.hpp"

namespace driftstack::testing {

AsyncResult<> RecordingAuditLog::append(db::Transaction&, AuditEntry entry) { co_return keep(std::move(entry)); }

Result<> RecordingAuditLog::keep(AuditEntry entry) {
  const std::lock_guard lock(mutex_);
  if (failure_) return *std::exchange(failure_, std::nullopt);
  entries_.push_back(std::move(entry));
  return Done();
}

std::vector<AuditEntry> RecordingAuditLog::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

std::vector<AuditEntry> RecordingAuditLog::entries(std::string_view action) const {
  std::vector<AuditEntry> found;
  for (auto& entry : entries())
    if (entry.action == action) found.push_back(std::move(entry));
  return found;
}

void RecordingAuditLog::fail_next(Error error) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(error);
}

}  // namespace driftstack::testing

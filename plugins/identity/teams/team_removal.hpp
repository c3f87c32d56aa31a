#pragma once
// What ends with a membership. identity.md 9.5.

#include <vector>

#include "driftstack/roles/audit_log.hpp"
#include "team_store.hpp"

namespace driftstack::identity {

/// A membership that is over, and the keys that ended with it.
struct EndedMembership {
  Uuid id;
  Uuid owner;
  std::vector<Uuid> revoked_keys;
};

/// Entries for the owner's log: one per revoked key and one for the membership. `model` says who did it.
std::vector<AuditEntry> removal_entries(const AuditEntry& model, const EndedMembership& ended);

}  // namespace driftstack::identity

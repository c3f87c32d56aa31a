#include "team_removal.hpp"

#include <utility>

#include "audit_payloads.hpp"
#include "team_entries.hpp"

namespace driftstack::identity {

std::vector<AuditEntry> removal_entries(const AuditEntry& model, const EndedMembership& ended) {
  std::vector<AuditEntry> entries;
  entries.reserve(ended.revoked_keys.size() + 1);
  AuditEntry entry = model;
  entry.account = ended.owner;
  entry.payload.reset();
  entry.action = kKeyRevoked;
  for (const Uuid& key : ended.revoked_keys) {
    entry.target = KeyId(key).to_text();
    entries.push_back(entry);
  }
  entry.action = kMemberRemoved;
  entry.target = MembershipId(ended.id).to_text();
  entry.payload = removed_payload(ended.revoked_keys);
  entries.push_back(std::move(entry));
  return entries;
}

}  // namespace driftstack::identity

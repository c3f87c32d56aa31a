#include "profiles/profile_copies.hpp"

#include <utility>

#include "profiles/profiles.hpp"

namespace driftstack::sessions {
namespace {

std::string source_members(std::string_view profile, std::string_view account) {
  std::string members = "\"source_profile_id\":";
  wire::append_json_string(members, profile);
  members += ",\"source_account_id\":";
  wire::append_json_string(members, account);
  return members;
}

}  // namespace

AsyncResult<body::Profile> ProfileCopies::clone(const Call& call, ProfileId source, body::ProfileClone wanted, IdempotencyRecord* record) {
  auto found = co_await store_.find(call, call.principal()->effective_account, source);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return no_such_profile();
  NewProfile row = new_profile(call, accounts_, "profile.created", host_.clock().unix_micros());
  row.profile.archetype = (*found)->archetype;
  row.profile.description = (*found)->description;
  if (wanted.name) row.profile.name = *std::move(wanted.name);
  if (row.profile.name.empty()) row.names = copy_names((*found)->name);
  row.audit_extras = ",\"cloned_from\":\"" + audit_name(source) + "\"";
  auto stored = co_await store_.insert(call, std::move(row), KeyedAnswer(record, &profile_answer));
  if (!stored) co_return std::move(stored).error();
  co_return body::show(*stored);
}

AsyncResult<body::ProfileEnvelope> ProfileCopies::export_one(const Call& call, ProfileId id) {
  auto found = co_await store_.find(call, call.principal()->effective_account, id);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return no_such_profile();
  const Profile& profile = **found;
  body::ProfileEnvelope envelope;
  envelope.exported_at = Timestamp::from_micros(host_.clock().unix_micros());
  envelope.source_profile_id = profile.id.to_text();
  envelope.source_account_id = profile.account.to_text();
  envelope.profile.name = profile.name;
  envelope.profile.archetype = profile.archetype;
  envelope.profile.description = profile.description;
  envelope.profile.notes = profile.notes;
  AuditEntry exported = AuditEntry::by_caller(call, "profile.exported");
  exported.target = audit_name(profile.id);
  exported.payload = "{" + source_members(envelope.source_profile_id, envelope.source_account_id) + "}";
  auto noted = co_await store_.note_export(call, exported);
  if (!noted) co_return std::move(noted).error();
  co_return std::move(envelope);
}

AsyncResult<body::Profile> ProfileCopies::import_one(const Call& call, body::ProfileImport wanted, IdempotencyRecord* record) {
  body::ProfileEnvelope& envelope = wanted.envelope;
  if (auto unknown = unknown_archetype(catalog_, envelope.profile.archetype)) co_return *std::move(unknown);
  NewProfile row = new_profile(call, accounts_, "profile.imported", host_.clock().unix_micros());
  row.profile.name = wanted.name_override ? *std::move(wanted.name_override) : std::move(envelope.profile.name);
  row.profile.archetype = std::move(envelope.profile.archetype);
  row.profile.description = std::move(envelope.profile.description);
  row.profile.notes = std::move(envelope.profile.notes);
  row.audit_extras = "," + source_members(envelope.source_profile_id, envelope.source_account_id);
  auto stored = co_await store_.insert(call, std::move(row), KeyedAnswer(record, &profile_answer));
  if (!stored) co_return std::move(stored).error();
  co_return body::show(*stored);
}

}  // namespace driftstack::sessions

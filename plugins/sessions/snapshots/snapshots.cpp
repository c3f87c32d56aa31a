#include "snapshots/snapshots.hpp"

#include <utility>

#include "page_cursor.hpp"
#include "profiles/profiles.hpp"

namespace driftstack::sessions {
namespace {

Error no_such_snapshot() { return Error(Errc::not_found, "There is no such snapshot."); }

}  // namespace

AsyncResult<body::Snapshot> Snapshots::capture(const Call& call, ProfileId profile, body::SnapshotCreate wanted,
                                               IdempotencyRecord* record) {
  const Uuid account = call.principal()->effective_account;
  auto found = co_await profiles_.find(call, account, profile);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return no_such_profile();
  Snapshot snapshot;
  snapshot.id = SnapshotId::random();
  snapshot.account = account;
  snapshot.parent = profile.uuid();
  snapshot.label = std::move(wanted.label);
  snapshot.description = std::move(wanted.description);
  snapshot.parent_archetype = (*found)->archetype;
  snapshot.parent_name = (*found)->name;
  snapshot.created_at = host_.clock().unix_micros();
  body::Snapshot shown = body::show(snapshot);
  const std::string answer = wire::to_text(shown);
  auto stored = co_await store_.insert(call, snapshot, record, answer);
  if (!stored) co_return std::move(stored).error();
  co_return std::move(shown);
}

AsyncResult<Page<body::Snapshot>> Snapshots::page(const Call& call, std::optional<ProfileId> profile, PageQuery asked) {
  const Uuid account = call.principal()->effective_account;
  std::string list = "GET /v1/profile-snapshots";
  if (profile) list += " of " + profile->to_text();
  const PageCursor cursor(host_.secrets(), account, std::move(list));
  auto after = cursor.position(asked.cursor);
  if (!after) co_return std::move(after).error();
  if (profile) {
    auto found = co_await profiles_.find(call, account, *profile);
    if (!found) co_return std::move(found).error();
    if (!*found) co_return no_such_profile();
  }
  auto rows = co_await store_.page(call, account, profile, *after, asked.limit + 1);
  if (!rows) co_return std::move(rows).error();
  Page<body::Snapshot> page;
  const auto limit = static_cast<std::size_t>(asked.limit);
  for (std::size_t i = 0; i < rows->size() && i < limit; ++i) page.data.push_back(body::show((*rows)[i]));
  if (rows->size() > limit) page.continue_at(cursor.behind((*rows)[limit - 1].created_at, (*rows)[limit - 1].id.uuid()));
  co_return std::move(page);
}

AsyncResult<body::Snapshot> Snapshots::get(const Call& call, SnapshotId id) {
  auto found = co_await store_.find(call, call.principal()->effective_account, id);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return no_such_snapshot();
  co_return body::show(**found);
}

AsyncResult<body::Profile> Snapshots::restore(const Call& call, SnapshotId id, body::SnapshotRestore wanted, IdempotencyRecord* record) {
  auto found = co_await store_.find(call, call.principal()->effective_account, id);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return no_such_snapshot();
  NewProfile row = new_profile(call, accounts_, "profile.created", host_.clock().unix_micros());
  row.profile.name = std::move(wanted.name);
  row.profile.archetype = (*found)->parent_archetype;
  row.profile.description = (*found)->description;
  row.audit_extras = ",\"restored_from_snapshot\":\"" + id.to_text() + "\"";
  auto stored = co_await profiles_.insert(call, std::move(row), KeyedAnswer(record, &profile_answer));
  if (!stored) co_return std::move(stored).error();
  co_return body::show(*stored);
}

AsyncResult<> Snapshots::remove(const Call& call, SnapshotId id) {
  auto gone = co_await store_.remove(call, call.principal()->effective_account, id);
  if (!gone) co_return std::move(gone).error();
  if (!*gone) co_return no_such_snapshot();
  co_return Done();
}

}  // namespace driftstack::sessions

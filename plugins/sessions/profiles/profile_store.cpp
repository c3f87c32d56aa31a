#include "profiles/profile_store.hpp"

#include <stdexcept>
#include <utility>

#include "driftstack/support/wire.hpp"
#include "proxies/saved_proxy.hpp"

namespace driftstack::sessions {
namespace {

#define PROFILE_COLUMNS                                                                                                           \
  "id, account_id, name, archetype, description, folder, tags, icon, note, notes, default_proxy_id, proxy_detached, "             \
  "geolocation, stop_on_exit_ip_change, revision, created_at, updated_at, last_used_at, deleted_at, state_revision, size_bytes, " \
  "last_saved_at"

// The count is exact because the lock of the account stands before this statement in the transaction.
constinit const db::Statement kInsertUnderCap(
    "INSERT INTO profiles (id, account_id, name, archetype, description, folder, tags, icon, note, notes, default_proxy_id, "
    "proxy_detached, geolocation, stop_on_exit_ip_change, revision, created_at, updated_at, state_revision) "
    "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $15, 0 "
    "WHERE (SELECT count(*) FROM profiles WHERE account_id = $2) < $16");

constinit const db::Statement kCountBoth(
    "SELECT count(*) FILTER (WHERE deleted_at IS NULL), count(*) FILTER (WHERE deleted_at IS NOT NULL) FROM profiles WHERE account_id = "
    "$1");
constinit const db::Statement kCount("SELECT count(*) FROM profiles WHERE account_id = $1");
constinit const db::Statement kSelectName("SELECT id FROM profiles WHERE account_id = $1 AND name = $2 AND deleted_at IS NULL");
constinit const db::Statement kSelectProxy("SELECT id FROM saved_proxies WHERE id = $1 AND account_id = $2");
constinit const db::Statement kSelectLive("SELECT " PROFILE_COLUMNS
                                          " FROM profiles WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL");
constinit const db::Statement kSelectTrashed("SELECT " PROFILE_COLUMNS
                                             " FROM profiles WHERE id = $1 AND account_id = $2 AND deleted_at IS NOT NULL");
constinit const db::Statement kSelectPage("SELECT " PROFILE_COLUMNS
                                          " FROM profiles WHERE account_id = $1 AND deleted_at IS NULL AND (created_at, id) < ($2, $3) "
                                          "ORDER BY created_at DESC, id DESC LIMIT $4");
constinit const db::Statement kSelectTrash("SELECT " PROFILE_COLUMNS
                                           " FROM profiles WHERE account_id = $1 AND deleted_at IS NOT NULL "
                                           "ORDER BY deleted_at DESC, id DESC");
constinit const db::Statement kSelectTrashedBefore("SELECT " PROFILE_COLUMNS
                                                   " FROM profiles WHERE deleted_at < $1 ORDER BY deleted_at, id LIMIT $2");
constinit const db::Statement kUpdateEdited(
    "UPDATE profiles SET name = $3, description = $4, folder = $5, tags = $6, icon = $7, note = $8, notes = $9, default_proxy_id = $10, "
    "proxy_detached = $11, geolocation = $12, stop_on_exit_ip_change = $13, revision = $14, updated_at = $15 "
    "WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL");
constinit const db::Statement kUpdateSaved(
    "UPDATE profiles SET size_bytes = $4, last_saved_at = $5 WHERE id = $1 AND account_id = $2 AND state_revision = $3 AND deleted_at IS "
    "NULL");
// The state of a session that still runs belongs to the profile no more, also after a restore.
constinit const db::Statement kUpdateTrashed(
    "UPDATE profiles SET deleted_at = $3, updated_at = $3, state_revision = state_revision + 1 "
    "WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL");
constinit const db::Statement kUpdateRestored(
    "UPDATE profiles SET deleted_at = NULL, updated_at = $3 WHERE id = $1 AND account_id = $2 AND deleted_at IS NOT NULL");
constinit const db::Statement kDeleteTrashed("DELETE FROM profiles WHERE id = $1 AND account_id = $2 AND deleted_at IS NOT NULL");
constinit const db::Statement kOrphanSnapshots("UPDATE profile_snapshots SET parent_profile_id = NULL WHERE parent_profile_id = $1");
constinit const db::Statement kSelectOrganization("SELECT organization FROM profile_organizations WHERE account_id = $1");
constinit const db::Statement kUpsertOrganization(
    "INSERT INTO profile_organizations (account_id, organization, updated_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (account_id) DO UPDATE SET organization = excluded.organization, updated_at = excluded.updated_at");

Uuid uuid_from_row(std::string_view text) {
  const auto id = Uuid::from_text(text);
  if (!id) throw std::logic_error("profiles: a stored id is no UUID");
  return *id;
}

std::vector<std::string> tags_from_row(std::string_view text) {
  std::vector<std::string> tags;
  const wire::Json stored = wire::Json::from_compact(std::string(text));
  for (const wire::JsonView& tag : stored.view().elements()) tags.push_back(tag.as_text().value_or(std::string()));
  return tags;
}

Profile profile_from_row(const db::Row& row) {
  Profile profile;
  profile.id = ProfileId(uuid_from_row(row.text(0)));
  profile.account = uuid_from_row(row.text(1));
  profile.name = row.text(2);
  profile.archetype = row.text(3);
  profile.description = row.maybe_text(4);
  profile.folder = row.maybe_text(5);
  profile.tags = tags_from_row(row.text(6));
  profile.icon = row.maybe_text(7);
  profile.note = row.maybe_text(8);
  profile.notes = row.maybe_text(9);
  if (!row.is_null(10)) profile.default_proxy = uuid_from_row(row.text(10));
  profile.proxy_detached = row.boolean(11);
  profile.geolocation = row.maybe_text(12);
  profile.stop_on_exit_ip_change = row.boolean(13);
  profile.revision = row.integer(14);
  profile.created_at = row.integer(15);
  profile.updated_at = row.integer(16);
  profile.last_used_at = row.maybe_integer(17);
  profile.deleted_at = row.maybe_integer(18);
  profile.state_revision = row.integer(19);
  profile.size_bytes = row.maybe_integer(20);
  profile.last_saved_at = row.maybe_integer(21);
  return profile;
}

std::vector<Profile> profiles_from(const db::Rows& rows) {
  std::vector<Profile> profiles;
  profiles.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) profiles.push_back(profile_from_row(rows[i]));
  return profiles;
}

std::optional<std::string> id_column(const std::optional<Uuid>& id) { return id ? std::optional(id->to_text()) : std::nullopt; }

AsyncResult<bool> name_is_free(db::Transaction& tx, const Uuid& account, const std::string& name) {
  auto taken = co_await tx.run(kSelectName, db::values(account.to_text(), name));
  if (!taken) co_return std::move(taken).error();
  co_return taken->empty();
}

AsyncResult<> proxy_must_exist(db::Transaction& tx, const Profile& profile) {
  if (!profile.default_proxy) co_return Done();
  auto found = co_await tx.run(kSelectProxy, db::values(profile.default_proxy->to_text(), profile.account.to_text()));
  if (!found) co_return std::move(found).error();
  if (found->empty()) co_return no_such_proxy();
  co_return Done();
}

AsyncResult<std::string> choose_name(db::Transaction& tx, const NewProfile& wanted) {
  std::vector<std::string> names = wanted.names;
  if (names.empty()) names.push_back(wanted.profile.name);
  for (std::string& name : names) {
    auto free = co_await name_is_free(tx, wanted.profile.account, name);
    if (!free) co_return std::move(free).error();
    if (*free) co_return std::move(name);
  }
  co_return profile_name_taken();
}

AsyncResult<Profile> store_edited(db::Transaction& tx, Profile profile) {
  auto values =
      db::values(profile.id.uuid().to_text(), profile.account.to_text(), profile.name, profile.description, profile.folder,
                 wire::to_text(profile.tags), profile.icon, profile.note, profile.notes, id_column(profile.default_proxy),
                 profile.proxy_detached, profile.geolocation, profile.stop_on_exit_ip_change, profile.revision, profile.updated_at);
  auto updated = co_await tx.run(kUpdateEdited, std::move(values));
  if (!updated) co_return std::move(updated).error();
  co_return std::move(profile);
}

}  // namespace

std::string profiles_lock(const Uuid& account) { return "sessions.profiles:" + account.to_text(); }

AsyncResult<std::optional<Profile>> read_live_profile(db::Transaction& tx, const Uuid& account, const ProfileId& id) {
  auto rows = co_await tx.run(kSelectLive, db::values(id.uuid().to_text(), account.to_text()));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<Profile>();
  co_return std::optional<Profile>(profile_from_row((*rows)[0]));
}

AsyncResult<Profile> insert_profile(db::Transaction& tx, AuditLog& audit, const NewProfile& wanted) {
  Profile profile = wanted.profile;
  auto name = co_await choose_name(tx, wanted);
  if (!name) co_return std::move(name).error();
  profile.name = *std::move(name);
  auto proxy = co_await proxy_must_exist(tx, profile);
  if (!proxy) co_return std::move(proxy).error();
  const std::string account = profile.account.to_text();
  auto values = db::values(profile.id.uuid().to_text(), account, profile.name, profile.archetype, profile.description, profile.folder,
                           wire::to_text(profile.tags), profile.icon, profile.note, profile.notes, id_column(profile.default_proxy),
                           profile.proxy_detached, profile.geolocation, profile.stop_on_exit_ip_change, profile.created_at,
                           wanted.cap.value_or(INT64_MAX));
  auto inserted = co_await tx.run(kInsertUnderCap, std::move(values));
  if (!inserted) co_return std::move(inserted).error();
  if (inserted->changed() == 0) {
    auto rows = co_await tx.run(kCountBoth, db::values(account));
    if (!rows) co_return std::move(rows).error();
    ProfileCount count;
    count.live = (*rows)[0].integer(0);
    count.trashed = (*rows)[0].integer(1);
    co_return profile_cap_reached(*wanted.cap, count, wanted.tier);
  }
  AuditEntry entry = wanted.created;
  entry.target = audit_name(profile.id);
  entry.payload = created_payload(profile, wanted.audit_extras);
  auto logged = co_await audit.append(tx, std::move(entry));
  if (!logged) co_return std::move(logged).error();
  co_return std::move(profile);
}

AsyncResult<bool> trash_profile(db::Transaction& tx, AuditLog& audit, const Profile& profile, std::int64_t now, const AuditEntry& deleted) {
  auto rows = co_await tx.run(kUpdateTrashed, db::values(profile.id.uuid().to_text(), profile.account.to_text(), now));
  if (!rows) co_return std::move(rows).error();
  if (rows->changed() == 0) co_return false;
  AuditEntry entry = deleted;
  auto logged = co_await audit.append(tx, std::move(entry));
  if (!logged) co_return std::move(logged).error();
  co_return true;
}

AsyncResult<> note_saved_state(db::Transaction& tx, const ProfileSeat& seat, const StoredState& stored) {
  auto values =
      db::values(seat.profile.profile.to_text(), seat.profile.account.to_text(), seat.state_revision, stored.size_bytes, stored.saved_at);
  auto rows = co_await tx.run(kUpdateSaved, std::move(values));
  if (!rows) co_return std::move(rows).error();
  if (rows->changed() == 0) co_return Error(Errc::conflict, "The profile was put into the trash meanwhile.");
  co_return Done();
}

AsyncResult<Profile> ProfileStore::insert(const Call& call, NewProfile wanted, KeyedAnswer keyed) {
  std::optional<Profile> stored;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto locked = co_await tx.lock(profiles_lock(wanted.profile.account));
    if (!locked) co_return std::move(locked).error();
    auto inserted = co_await insert_profile(tx, audit_, wanted);
    if (!inserted) co_return std::move(inserted).error();
    stored = *std::move(inserted);
    if (keyed.record == nullptr) co_return Done();
    co_return co_await keyed.record->complete(tx, 200, keyed.text(*stored), stored->id.to_text());
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return *std::move(stored);
}

AsyncResult<std::optional<Profile>> ProfileStore::find(const Call& call, const Uuid& account, const ProfileId& id) {
  auto rows = co_await database_.read(call, kSelectLive, db::values(id.uuid().to_text(), account.to_text()));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<Profile>();
  co_return std::optional<Profile>(profile_from_row((*rows)[0]));
}

AsyncResult<std::vector<Profile>> ProfileStore::page(const Call& call, const Uuid& account, const CursorPosition& after,
                                                     std::int64_t limit) {
  auto rows = co_await database_.read(call, kSelectPage, db::values(account.to_text(), after.micros, after.id, limit));
  if (!rows) co_return std::move(rows).error();
  co_return profiles_from(*rows);
}

AsyncResult<std::vector<Profile>> ProfileStore::trash(const Call& call, const Uuid& account) {
  auto rows = co_await database_.read(call, kSelectTrash, db::values(account.to_text()));
  if (!rows) co_return std::move(rows).error();
  co_return profiles_from(*rows);
}

AsyncResult<std::int64_t> ProfileStore::count(const Call& call, const Uuid& account) {
  auto rows = co_await database_.read(call, kCount, db::values(account.to_text()));
  if (!rows) co_return std::move(rows).error();
  co_return (*rows)[0].integer(0);
}

AsyncResult<Profile> ProfileStore::edit(const Call& call, const Uuid& account, const ProfileId& id, const ProfileEdit& edit,
                                        std::int64_t now) {
  std::optional<Profile> stored;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto locked = co_await tx.lock(profiles_lock(account));
    if (!locked) co_return std::move(locked).error();
    auto found = co_await read_live_profile(tx, account, id);
    if (!found) co_return std::move(found).error();
    if (!*found) co_return no_such_profile();
    Profile profile = **std::move(found);
    if (edit.expected_revision && *edit.expected_revision != profile.revision) co_return stale_profile(profile.revision);
    const std::string name_before = profile.name;
    stored = profile;
    if (!edit.apply(profile)) co_return Done();
    if (profile.name != name_before) {
      auto free = co_await name_is_free(tx, account, profile.name);
      if (!free) co_return std::move(free).error();
      if (!*free) co_return profile_name_taken();
    }
    auto proxy = co_await proxy_must_exist(tx, profile);
    if (!proxy) co_return std::move(proxy).error();
    ++profile.revision;
    profile.updated_at = now;
    auto edited = co_await store_edited(tx, std::move(profile));
    if (!edited) co_return std::move(edited).error();
    stored = *std::move(edited);
    co_return Done();
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return *std::move(stored);
}

AsyncResult<bool> ProfileStore::move_to_trash(const Call& call, const Uuid& account, const ProfileId& id, std::int64_t now,
                                              const AuditEntry& deleted) {
  Profile profile;
  profile.id = id;
  profile.account = account;
  bool moved = false;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto locked = co_await tx.lock(profiles_lock(account));
    if (!locked) co_return std::move(locked).error();
    auto trashed = co_await trash_profile(tx, audit_, profile, now, deleted);
    if (!trashed) co_return std::move(trashed).error();
    moved = *trashed;
    co_return Done();
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return moved;
}

AsyncResult<Profile> ProfileStore::restore(const Call& call, const Uuid& account, const ProfileId& id, std::int64_t now,
                                           const AuditEntry& restored) {
  std::optional<Profile> stored;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto locked = co_await tx.lock(profiles_lock(account));
    if (!locked) co_return std::move(locked).error();
    auto rows = co_await tx.run(kSelectTrashed, db::values(id.uuid().to_text(), account.to_text()));
    if (!rows) co_return std::move(rows).error();
    if (rows->empty()) co_return Error(Errc::not_found, "There is no such profile in the trash.");
    Profile profile = profile_from_row((*rows)[0]);
    auto free = co_await name_is_free(tx, account, profile.name);
    if (!free) co_return std::move(free).error();
    if (!*free) co_return profile_name_taken();
    auto updated = co_await tx.run(kUpdateRestored, db::values(id.uuid().to_text(), account.to_text(), now));
    if (!updated) co_return std::move(updated).error();
    profile.deleted_at.reset();
    profile.updated_at = now;
    AuditEntry entry = restored;
    entry.payload = "{\"name\":" + wire::to_text(profile.name) + "}";
    stored = std::move(profile);
    co_return co_await audit_.append(tx, std::move(entry));
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return *std::move(stored);
}

AsyncResult<bool> ProfileStore::is_trashed(const Call& call, const Uuid& account, const ProfileId& id) {
  auto rows = co_await database_.read(call, kSelectTrashed, db::values(id.uuid().to_text(), account.to_text()));
  if (!rows) co_return std::move(rows).error();
  co_return !rows->empty();
}

AsyncResult<bool> ProfileStore::purge(const Call& call, const Uuid& account, const ProfileId& id, const AuditEntry& purged) {
  bool gone = false;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    gone = false;
    auto locked = co_await tx.lock(profiles_lock(account));
    if (!locked) co_return std::move(locked).error();
    auto trashed = co_await tx.run(kSelectTrashed, db::values(id.uuid().to_text(), account.to_text()));
    if (!trashed) co_return std::move(trashed).error();
    if (trashed->empty()) co_return Done();
    const ProfileRef ref(account, id.uuid());
    auto destroyed = co_await ProfileVault::destroy_key(tx, ref);
    if (!destroyed) co_return destroyed;
    auto deleted = co_await tx.run(kDeleteTrashed, db::values(id.uuid().to_text(), account.to_text()));
    if (!deleted) co_return std::move(deleted).error();
    if (deleted->changed() == 0) co_return Done();
    gone = true;
    auto orphaned = co_await tx.run(kOrphanSnapshots, db::values(id.uuid().to_text()));
    if (!orphaned) co_return std::move(orphaned).error();
    AuditEntry entry = purged;
    co_return co_await audit_.append(tx, std::move(entry));
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return gone;
}

AsyncResult<std::vector<Profile>> ProfileStore::trashed_before(const Call& call, std::int64_t before, std::int64_t limit) {
  auto rows = co_await database_.read(call, kSelectTrashedBefore, db::values(before, limit));
  if (!rows) co_return std::move(rows).error();
  co_return profiles_from(*rows);
}

AsyncResult<> ProfileStore::note_export(const Call& call, const AuditEntry& exported) {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    AuditEntry entry = exported;
    co_return co_await audit_.append(tx, std::move(entry));
  };
  co_return co_await db::transaction(database_, call, body);
}

AsyncResult<std::optional<std::string>> ProfileStore::organization(const Call& call, const Uuid& account) {
  auto rows = co_await database_.read(call, kSelectOrganization, db::values(account.to_text()));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<std::string>();
  co_return std::optional<std::string>((*rows)[0].text(0));
}

AsyncResult<> ProfileStore::set_organization(const Call& call, const Uuid& account, const std::string& organization, std::int64_t now) {
  auto rows = co_await database_.write(call, kUpsertOrganization, db::values(account.to_text(), organization, now));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

}  // namespace driftstack::sessions

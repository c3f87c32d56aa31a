#include "profiles/profiles.hpp"

#include <chrono>
#include <utility>

#include "driftstack/support/issues.hpp"
#include "driftstack/support/routes.hpp"
#include "page_cursor.hpp"
#include "profiles/profile_lease.hpp"
#include "proxies/saved_proxy.hpp"
#include "store.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::chrono::microseconds kTrashTime = std::chrono::days(30);  // sessions.md 7.6
constexpr std::int64_t kPurgeSlice = 50;                                 // each has a transaction of its own

AuditEntry entry_about(const Call& call, std::string action, const ProfileId& id) {
  AuditEntry entry = AuditEntry::by_caller(call, std::move(action));
  entry.target = audit_name(id);
  return entry;
}

template <class T>
bool assign(std::optional<T> asked, T& member) {
  if (!asked) return false;
  member = *std::move(asked);
  return true;
}

std::optional<std::string> geolocation_text(const std::optional<body::Geolocation>& place) {
  return place ? std::optional(wire::to_text(*place)) : std::nullopt;
}

// A PATCH body whose proxy was read already.
class Patch final : public ProfileEdit {
 public:
  Patch(body::ProfilePatch patch, std::optional<std::optional<Uuid>> proxy) : patch_(std::move(patch)), proxy_(proxy) {
    expected_revision = patch_.expected_revision;
  }

  bool apply(Profile& profile) const override {
    bool asked = assign(patch_.name, profile.name);
    asked |= assign(patch_.description, profile.description);
    asked |= assign(patch_.folder, profile.folder);
    asked |= assign(patch_.tags, profile.tags);
    asked |= assign(patch_.icon, profile.icon);
    asked |= assign(patch_.note, profile.note);
    asked |= assign(patch_.notes, profile.notes);
    asked |= assign(patch_.stop_on_exit_ip_change, profile.stop_on_exit_ip_change);
    if (patch_.geolocation) {
      profile.geolocation = geolocation_text(*patch_.geolocation);
      asked = true;
    }
    if (proxy_ || patch_.proxy_choice) {
      profile.default_proxy = proxy_.value_or(std::nullopt);
      profile.proxy_detached = patch_.proxy_choice.has_value();
      asked = true;
    }
    return asked;
  }

 private:
  body::ProfilePatch patch_;
  std::optional<std::optional<Uuid>> proxy_;
};

}  // namespace

std::optional<Error> unknown_archetype(const ArchetypeCatalog& catalog, const std::string& archetype) {
  if (catalog.contains(archetype)) return std::nullopt;
  wire::Issues issues;
  issues.add("archetype", wire::IssueCode::enumeration, "must be an id that GET /v1/archetypes lists");
  return validation_error(issues);
}

NewProfile new_profile(const Call& call, const AccountDirectory& accounts, std::string action, std::int64_t now) {
  const Principal& caller = *call.principal();
  Profile profile;
  profile.id = ProfileId::random();
  profile.account = caller.effective_account;
  profile.created_at = profile.updated_at = now;
  NewProfile wanted(std::move(profile), AuditEntry::by_caller(call, std::move(action)));
  wanted.cap = accounts.caps(caller.effective_tier.view()).profiles;
  wanted.tier = caller.effective_tier.view();
  return wanted;
}

AsyncResult<body::Profile> Profiles::create(const Call& call, body::ProfileCreate wanted, IdempotencyRecord* record) {
  if (wanted.archetype) {
    if (auto unknown = unknown_archetype(catalog_, *wanted.archetype)) co_return *std::move(unknown);
  }
  if (catalog_.list().data.empty()) co_return Error(Errc::driver_not_integrated, "No browser backend runs on this server.");
  NewProfile row = new_profile(call, accounts_, "profile.created", host_.clock().unix_micros());
  row.profile.name = std::move(wanted.name);
  row.profile.archetype = wanted.archetype ? *std::move(wanted.archetype) : catalog_.default_id();
  row.profile.description = std::move(wanted.description);
  row.profile.folder = std::move(wanted.folder);
  row.profile.tags = std::move(wanted.tags);
  row.profile.icon = std::move(wanted.icon);
  row.profile.note = std::move(wanted.note);
  row.profile.geolocation = geolocation_text(wanted.geolocation);
  row.profile.stop_on_exit_ip_change = wanted.stop_on_exit_ip_change;
  if (wanted.default_proxy_id) {
    row.profile.default_proxy = body::proxy_id_from_input(*wanted.default_proxy_id);
    if (!row.profile.default_proxy) co_return no_such_proxy();
  }
  auto stored = co_await store_.insert(call, std::move(row), KeyedAnswer(record, &profile_answer));
  if (!stored) co_return std::move(stored).error();
  co_return body::show(*stored);
}

AsyncResult<Page<body::Profile>> Profiles::page(const Call& call, PageQuery asked) {
  const Uuid account = call.principal()->effective_account;
  const PageCursor cursor(host_.secrets(), account, "GET /v1/profiles");
  auto after = cursor.position(asked.cursor);
  if (!after) co_return std::move(after).error();
  auto rows = co_await store_.page(call, account, *after, asked.limit + 1);
  if (!rows) co_return std::move(rows).error();
  Page<body::Profile> page;
  const auto limit = static_cast<std::size_t>(asked.limit);
  for (std::size_t i = 0; i < rows->size() && i < limit; ++i) page.data.push_back(body::show((*rows)[i]));
  if (rows->size() > limit) page.continue_at(cursor.behind((*rows)[limit - 1].created_at, (*rows)[limit - 1].id.uuid()));
  co_return std::move(page);
}

AsyncResult<body::Profile> Profiles::get(const Call& call, ProfileId id) {
  auto row = co_await store_.find(call, call.principal()->effective_account, id);
  if (!row) co_return std::move(row).error();
  if (!*row) co_return no_such_profile();
  co_return body::show(**row);
}

AsyncResult<body::Profile> Profiles::edit(const Call& call, ProfileId id, body::ProfilePatch patch) {
  std::optional<std::optional<Uuid>> proxy;
  if (patch.default_proxy_id) {
    proxy.emplace();
    if (*patch.default_proxy_id) {
      *proxy = body::proxy_id_from_input(**patch.default_proxy_id);
      if (!*proxy) co_return no_such_proxy();
    }
  }
  const Patch edit(std::move(patch), proxy);
  auto stored = co_await store_.edit(call, call.principal()->effective_account, id, edit, host_.clock().unix_micros());
  if (!stored) co_return std::move(stored).error();
  co_return body::show(*stored);
}

AsyncResult<> Profiles::move_to_trash(const Call& call, ProfileId id) {
  const AuditEntry deleted = entry_about(call, "profile.deleted", id);
  auto moved = co_await store_.move_to_trash(call, call.principal()->effective_account, id, host_.clock().unix_micros(), deleted);
  if (!moved) co_return std::move(moved).error();
  co_return Done();
}

AsyncResult<body::ProfileTrash> Profiles::trash(const Call& call) {
  auto rows = co_await store_.trash(call, call.principal()->effective_account);
  if (!rows) co_return std::move(rows).error();
  body::ProfileTrash shown;
  for (const Profile& row : *rows) shown.data.push_back(body::show(row));
  co_return std::move(shown);
}

AsyncResult<body::Profile> Profiles::restore(const Call& call, ProfileId id) {
  const AuditEntry restored = entry_about(call, "profile.restored", id);
  auto stored = co_await store_.restore(call, call.principal()->effective_account, id, host_.clock().unix_micros(), restored);
  if (!stored) co_return std::move(stored).error();
  co_return body::show(*stored);
}

AsyncResult<> Profiles::purge(const Call& call, ProfileId id) {
  const AuditEntry purged = entry_about(call, "profile.purged", id);
  auto gone = co_await store_.purge(call, call.principal()->effective_account, id, purged);
  if (!gone) co_return std::move(gone).error();
  if (!*gone) co_return Error(Errc::not_found, "There is no such profile in the trash.");
  co_await remove_state(call, call.principal()->effective_account, id);
  co_return Done();
}

Task<> Profiles::remove_state(const Call& call, const Uuid& account, const ProfileId& id) {
  const ProfileRef profile(account, id.uuid());
  auto removed = co_await vault_.remove_files(call, profile);
  if (!removed) host_.log().warn("the files of a purged profile could not be removed yet", {{"error", removed.error().detail}});
}

AsyncResult<std::int64_t> Profiles::purge_expired(const Call& call) {
  const std::int64_t before = host_.clock().unix_micros() - kTrashTime.count();
  auto rows = co_await store_.trashed_before(call, before, kPurgeSlice);
  if (!rows) co_return std::move(rows).error();
  std::int64_t purged = 0;
  for (const Profile& row : *rows) {
    AuditEntry entry(row.account, AuditActor::system, "profile.purged");
    entry.target = audit_name(row.id);
    auto gone = co_await store_.purge(call, row.account, row.id, entry);
    if (!gone) co_return std::move(gone).error();
    if (!*gone) continue;
    co_await remove_state(call, row.account, row.id);
    ++purged;
  }
  co_return purged;
}

AsyncResult<body::Trimmed> Profiles::trim(const Call& call, ProfileId id) {
  auto profile = co_await store_.find(call, call.principal()->effective_account, id);
  if (!profile) co_return std::move(profile).error();
  if (!*profile) co_return no_such_profile();
  if (!(*profile)->size_bytes) co_return body::trim_unavailable("The profile has no saved state yet.");
  co_return co_await trim_saved(call, **profile);
}

AsyncResult<body::Trimmed> Profiles::trim_saved(const Call& call, const Profile& profile) {
  const ProfileSeat seat(ProfileRef(profile.account, profile.id.uuid()), profile.state_revision);
  bool in_use = false;
  // Checked where the new state becomes the current one: a session that begins before would lose its own, one that begins after finds this.
  RecordState record = [&](db::Transaction& tx, const StoredState& stored) -> AsyncResult<> {
    auto locked = co_await tx.lock(concurrency_lock(seat.profile.account));
    if (!locked) co_return locked;
    auto free = co_await must_be_without_session(tx, seat.profile);
    in_use = !free && free.error().code == Errc::profile_in_use;
    if (!free) co_return free;
    co_return co_await note_saved_state(tx, seat, stored);
  };
  auto trimmed = co_await vault_.trim(call, seat.profile, std::move(record));
  if (in_use) co_return body::trim_unavailable("A session runs on this profile.");
  if (!trimmed) {
    host_.log().error("the state of a profile was not trimmed", {{"profile", profile.id.to_text()}, {"error", trimmed.error().detail}});
    co_return body::trim_failed("The stored state could not be replaced; it is as it was.");
  }
  if (!trimmed->stored) co_return body::trim_unavailable("The profile has no saved state yet.");
  body::Trimmed answer;
  answer.size_bytes = trimmed->stored->size_bytes;
  answer.bytes_reclaimed = trimmed->bytes_reclaimed;
  co_return std::move(answer);
}

AsyncResult<body::Organization> Profiles::organization(const Call& call) {
  auto stored = co_await store_.organization(call, call.principal()->effective_account);
  if (!stored) co_return std::move(stored).error();
  if (!*stored) co_return body::Organization();
  co_return bind_body<body::Organization>(**stored);
}

AsyncResult<body::Organization> Profiles::set_organization(const Call& call, body::Organization organization) {
  const std::string text = wire::to_text(organization);
  auto stored = co_await store_.set_organization(call, call.principal()->effective_account, text, host_.clock().unix_micros());
  if (!stored) co_return std::move(stored).error();
  co_return std::move(organization);
}

}  // namespace driftstack::sessions

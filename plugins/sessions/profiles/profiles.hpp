#pragma once
// The life of profiles: create, read, edit, trash, restore, purge (sessions.md 7.2 to 7.9), and the account's folders and tags (7.17).

#include <optional>
#include <string>

#include "archetype_catalog.hpp"
#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/accounts.hpp"
#include "driftstack/support/page.hpp"
#include "profiles/profile_store.hpp"
#include "profiles/profile_wire.hpp"
#include "vault/profile_vault.hpp"

namespace driftstack::sessions {

/// [io-thread]
class Profiles {
 public:
  Profiles(Host& host, ProfileStore& store, ProfileVault& vault, const AccountDirectory& accounts, const ArchetypeCatalog& catalog)
      : host_(host), store_(store), vault_(vault), accounts_(accounts), catalog_(catalog) {}

  /// validation_failed (archetype), conflict (name), tier_limit, not_found (proxy).
  AsyncResult<body::Profile> create(const Call& call, body::ProfileCreate wanted, IdempotencyRecord* record);
  AsyncResult<Page<body::Profile>> page(const Call& call, PageQuery asked);
  AsyncResult<body::Profile> get(const Call& call, ProfileId id);
  AsyncResult<body::Profile> edit(const Call& call, ProfileId id, body::ProfilePatch patch);

  /// Also ok for a profile that is not there.
  AsyncResult<> move_to_trash(const Call& call, ProfileId id);
  AsyncResult<body::ProfileTrash> trash(const Call& call);
  AsyncResult<body::Profile> restore(const Call& call, ProfileId id);
  /// not_found unless it is in the trash.
  AsyncResult<> purge(const Call& call, ProfileId id);

  /// Drops what can be fetched again from the stored state.
  AsyncResult<body::Trimmed> trim(const Call& call, ProfileId id);

  AsyncResult<body::Organization> organization(const Call& call);
  AsyncResult<body::Organization> set_organization(const Call& call, body::Organization organization);

  /// Live and trashed.
  AsyncResult<std::int64_t> count(const Call& call, const Uuid& account) { co_return co_await store_.count(call, account); }
  /// Purges some of the profiles whose time in the trash is over; their number. For the retention worker.
  AsyncResult<std::int64_t> purge_expired(const Call& call);

 private:
  /// After the purge of the row. What cannot be removed is removed at the next start; nobody can read it any more.
  Task<> remove_state(const Call& call, const Uuid& account, const ProfileId& id);
  AsyncResult<body::Trimmed> trim_saved(const Call& call, const Profile& profile);

  Host& host_;
  ProfileStore& store_;
  ProfileVault& vault_;
  const AccountDirectory& accounts_;
  const ArchetypeCatalog& catalog_;
};

/// The refusal of an archetype that nobody offers; nothing when it is in the catalog.
[[nodiscard]] std::optional<Error> unknown_archetype(const ArchetypeCatalog& catalog, const std::string& archetype);

/// A profile with a fresh id for the caller's effective account, and the entry that its creation gets.
[[nodiscard]] NewProfile new_profile(const Call& call, const AccountDirectory& accounts, std::string action, std::int64_t now);

/// The answer that a keyed request stores.
[[nodiscard]] inline std::string profile_answer(const Profile& profile) { return wire::to_text(body::show(profile)); }

}  // namespace driftstack::sessions

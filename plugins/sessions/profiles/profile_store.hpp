#pragma once
// Rows of the table `profiles` and of what hangs on it: all SQL of profiles. [io-thread]
//
// Whatever changes names or numbers of an account's profiles holds the account's lock first, so that caps and name choices are exact.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/http.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/support/cursor.hpp"
#include "profiles/profile.hpp"
#include "profiles/profile_seat.hpp"

namespace driftstack::sessions {

/// The repeat of a keyed request answers what this makes of the row, stored with it. Nothing when there was no key.
struct KeyedAnswer {
  KeyedAnswer(IdempotencyRecord* record, std::string (*text)(const Profile&)) : record(record), text(text) {}
  IdempotencyRecord* record;
  std::string (*text)(const Profile&);
};

/// A profile to insert.
struct NewProfile {
  NewProfile(Profile profile, AuditEntry created) : profile(std::move(profile)), created(std::move(created)) {}

  Profile profile;
  std::vector<std::string> names;   ///< the first that is free becomes the name; empty: the name is the profile's own
  std::optional<std::int64_t> cap;  ///< of the account's tier, live and trashed together
  std::string tier;
  AuditEntry created;        ///< target and payload are filled in with the name that was taken
  std::string audit_extras;  ///< more members of its payload, each with a comma in front
};

/// What an edit does to a live profile.
class ProfileEdit {
 public:
  /// False when nothing was asked for: then nothing is stored. May be called more than once.
  virtual bool apply(Profile& profile) const = 0;
  std::optional<std::int64_t> expected_revision;

 protected:
  ~ProfileEdit() = default;
};

class ProfileStore {
 public:
  ProfileStore(db::Database& database, AuditLog& audit) : database_(database), audit_(audit) {}

  /// conflict (name), tier_limit, not_found (proxy). Answers the row as stored.
  AsyncResult<Profile> insert(const Call& call, NewProfile wanted, KeyedAnswer keyed);
  /// Live profiles only.
  AsyncResult<std::optional<Profile>> find(const Call& call, const Uuid& account, const ProfileId& id);
  /// At most `limit` live rows behind `after`, newest first.
  AsyncResult<std::vector<Profile>> page(const Call& call, const Uuid& account, const CursorPosition& after, std::int64_t limit);
  /// Newest in the trash first.
  AsyncResult<std::vector<Profile>> trash(const Call& call, const Uuid& account);
  /// Live and trashed.
  AsyncResult<std::int64_t> count(const Call& call, const Uuid& account);

  /// not_found, conflict (name, revision), not_found (proxy).
  AsyncResult<Profile> edit(const Call& call, const Uuid& account, const ProfileId& id, const ProfileEdit& edit, std::int64_t now);
  /// False when no live profile was moved to the trash.
  AsyncResult<bool> move_to_trash(const Call& call, const Uuid& account, const ProfileId& id, std::int64_t now, const AuditEntry& deleted);
  /// not_found, conflict (name). The payload of the entry is filled in.
  AsyncResult<Profile> restore(const Call& call, const Uuid& account, const ProfileId& id, std::int64_t now, const AuditEntry& restored);
  AsyncResult<bool> is_trashed(const Call& call, const Uuid& account, const ProfileId& id);
  /// Deletes a trashed profile for good, the key of its state first; its snapshots lose their parent. False when it is not in the trash.
  AsyncResult<bool> purge(const Call& call, const Uuid& account, const ProfileId& id, const AuditEntry& purged);
  /// Some that were put into the trash before.
  AsyncResult<std::vector<Profile>> trashed_before(const Call& call, std::int64_t before, std::int64_t limit);

  /// The audit entry alone: an export changes nothing.
  AsyncResult<> note_export(const Call& call, const AuditEntry& exported);

  AsyncResult<std::optional<std::string>> organization(const Call& call, const Uuid& account);
  AsyncResult<> set_organization(const Call& call, const Uuid& account, const std::string& organization, std::int64_t now);

 private:
  db::Database& database_;
  AuditLog& audit_;
};

/// What the row says of the state that was just made the current one. conflict when the profile was put into the trash since the seat was
/// taken, also when it is out of it again.
AsyncResult<> note_saved_state(db::Transaction& tx, const ProfileSeat& seat, const StoredState& stored);
/// Key of the lock of an account's profiles.
[[nodiscard]] std::string profiles_lock(const Uuid& account);
/// The statements of an insert, under the account's lock. Answers the row as stored.
AsyncResult<Profile> insert_profile(db::Transaction& tx, AuditLog& audit, const NewProfile& wanted);
/// The statements of a move to the trash, under the account's lock. False when the profile is not live.
AsyncResult<bool> trash_profile(db::Transaction& tx, AuditLog& audit, const Profile& profile, std::int64_t now, const AuditEntry& deleted);
/// The live profile, read inside of a transaction.
AsyncResult<std::optional<Profile>> read_live_profile(db::Transaction& tx, const Uuid& account, const ProfileId& id);

}  // namespace driftstack::sessions

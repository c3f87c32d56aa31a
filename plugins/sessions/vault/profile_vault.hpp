#pragma once
// The browser state of profiles at rest. Knows no HTTP, no profile rows and no browser: state comes and goes as a state archive in memory
// (driftstack/support/state_archive.hpp).
//
// A session start on a profile:        open()  -> browser::Start{keeps_state = true, state}
// A clean end (never an errored one):  backend.save_state() -> save(revision of open())
// Purge of a profile:                  destroy_key() in the transaction that deletes the row, remove_files() after its commit

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/support/memory_file.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack::sessions {

/// Whose state: everything that is sealed is bound to both.
struct ProfileRef {
  ProfileRef(const Uuid& account, const Uuid& profile) : account(account), profile(profile) {}
  Uuid account;
  Uuid profile;
};

/// What is kept for a profile.
struct StoredState {
  std::int64_t revision = 0;    ///< grows with every save and trim; 0: nothing was saved yet
  std::int64_t size_bytes = 0;  ///< on disk, as quotas count it
  std::int64_t saved_at = 0;    ///< microseconds since 1970 UTC
};

struct OpenedState {
  MemoryFile archive;         ///< no file when nothing was saved yet
  std::int64_t revision = 0;  ///< give it to save()
};

/// Why a state was not kept: `reason` of `session.profile_save_failed` (sessions.md 6).
enum class SaveFailureReason : std::uint8_t { serialize_failed, seal_failed, too_large, upload_failed, degenerate_dump, superseded };
constexpr auto enum_names(SaveFailureReason) {
  return std::to_array<std::pair<std::string_view, SaveFailureReason>>({{"serialize_failed", SaveFailureReason::serialize_failed},
                                                                        {"seal_failed", SaveFailureReason::seal_failed},
                                                                        {"too_large", SaveFailureReason::too_large},
                                                                        {"upload_failed", SaveFailureReason::upload_failed},
                                                                        {"degenerate_dump", SaveFailureReason::degenerate_dump},
                                                                        {"superseded", SaveFailureReason::superseded}});
}
struct SaveFailure {
  SaveFailure(SaveFailureReason reason, std::string detail) : reason(reason), detail(std::move(detail)) {}
  SaveFailureReason reason;
  std::string detail;
};
/// The reason when the browser itself gave no state (the error of browser::Backend::save_state).
[[nodiscard]] SaveFailure failure_of_browser(const Error& error);

/// The new state, or why the old one stays.
struct SaveOutcome {
  std::optional<StoredState> stored;
  std::optional<SaveFailure> failure;
};

/// POST /v1/profiles/:id/trim: both absent when there is nothing saved yet.
struct TrimOutcome {
  std::optional<StoredState> stored;
  std::int64_t bytes_reclaimed = 0;
};

/// Called in the transaction that makes a new state the current one, so that the profile's row says the same: set `size_bytes` and
/// `last_saved_at` there. An error leaves the old state in place. May run again when the transaction is repeated.
using RecordState = std::function<AsyncResult<>(db::Transaction& tx, const StoredState& stored)>;

/// One call per profile at a time, except destroy_key(), which wins over everything: the lease of a live session sees to that. Reading,
/// compressing and sealing happen on worker threads; every call goes on on the io thread that it began on. [io-thread]
class ProfileVault {
 public:
  /// `directory` is private to this plugin. Tables are made by the migrations of the plugin.
  ProfileVault(Host& host, db::Database& database, std::string directory)
      : host_(host), database_(database), directory_(std::move(directory)) {}

  /// Makes the directory; removes files that no row speaks of (a crash between two steps). Once, at the start.
  AsyncResult<> prepare(const Call& call);

  /// Errors: internal (changed, swapped or lost file, wrong master key). The session must not start then: an empty browser would overwrite
  /// what could still be rescued from a backup.
  AsyncResult<OpenedState> open(const Call& call, const ProfileRef& profile);
  /// Replaces the state unless somebody else did since `revision`. The old state stays until the new one is whole and recorded.
  AsyncResult<SaveOutcome> save(const Call& call, const ProfileRef& profile, std::int64_t revision, MemoryFile archive, RecordState record);
  /// Drops what can be fetched again (CacheStorage, service workers). Not while a session is live on the profile.
  AsyncResult<TrimOutcome> trim(const Call& call, const ProfileRef& profile, RecordState record);
  /// Nothing when nothing was saved yet.
  AsyncResult<std::optional<StoredState>> stored(const Call& call, const ProfileRef& profile);

  /// From the commit of this transaction on, nobody can read the state any more.
  static AsyncResult<> destroy_key(db::Transaction& tx, const ProfileRef& profile);
  /// The same for all profiles of an account, now and in backups that hold no key.
  static AsyncResult<> destroy_account_key(db::Transaction& tx, const Uuid& account);
  /// After destroy_key(). Ok when there are none; what a crash leaves behind goes at the next prepare().
  AsyncResult<> remove_files(const Call& call, const ProfileRef& profile);
  /// destroy_key() and remove_files() for a caller without a transaction of its own.
  AsyncResult<> erase(const Call& call, const ProfileRef& profile);

 private:
  struct Key;
  AsyncResult<Key> open_key(const Call& call, const ProfileRef& profile, std::string_view wrapped);
  AsyncResult<Key> key_for(const Call& call, const ProfileRef& profile, std::string_view wrapped);
  AsyncResult<Key> make_key(const Call& call, const ProfileRef& profile);
  AsyncResult<SaveOutcome> write(const Call& call, const ProfileRef& profile, const Key& key, std::int64_t before,
                                 const MemoryFile& archive, const RecordState& record);

  Host& host_;
  db::Database& database_;
  std::string directory_;
};

}  // namespace driftstack::sessions

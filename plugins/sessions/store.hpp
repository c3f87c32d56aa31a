#pragma once
// Rows of the table `sessions`: all SQL of this plugin. [io-thread]

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
#include "live_session.hpp"
#include "profiles/profile_lease.hpp"
#include "session.hpp"

namespace driftstack::sessions {

/// What an insert under the concurrency cap did.
struct Admission {
  bool admitted = false;
  // Only when not admitted.
  std::vector<SessionId> open;  ///< sessions of the account
  std::int64_t taken = 0;       ///< what fills the cap: sessions, and runs that are none
};

/// Whoever counts what an account runs, to add to it, holds this lock of the database.
[[nodiscard]] std::string concurrency_lock(const Uuid& account);
/// Sessions and one-shot runs of the account.
AsyncResult<std::int64_t> count_open(db::Transaction& tx, const Uuid& account, std::int64_t now);

class SessionStore {
 public:
  /// `node` names this server among those that share the database.
  SessionStore(db::Database& database, AuditLog& audit, std::string node) : database_(database), audit_(audit), node_(std::move(node)) {}

  AsyncResult<> migrate(const Call& call);
  /// Rows that this server left behind when it died become errored; their number.
  AsyncResult<std::int64_t> error_left_behind(const Call& call, std::int64_t now);

  /// Inserts the row and its audit entry unless `limit` sessions and runs of the account are open; exact under any concurrency. With a
  /// claim the session takes the lease of its profile: profile_in_use, storage_quota_exceeded, not_found.
  AsyncResult<Admission> insert(const Call& call, const Session& session, std::int64_t limit, const AuditEntry& created,
                                const std::optional<ProfileClaim>& claim = std::nullopt);
  /// creating -> ready, and with it the record of a keyed request. False when the session ended before.
  AsyncResult<bool> become_ready(const Call& call, const SessionId& id, std::int64_t now, IdempotencyRecord* record,
                                 const std::string& answer);
  /// creating or ready -> terminal; frees the lease of its profile, with the audit entry of a clean end. False when the row was terminal
  /// before, or is no row of the account.
  AsyncResult<bool> end(const Call& call, const Uuid& account, const SessionId& id, const Ending& ending);
  /// Touches no status, so that it cannot free another operation's claim.
  AsyncResult<> note_state_read(const Call& call, const Uuid& account, const SessionId& id, std::int64_t now);

  AsyncResult<std::optional<Session>> find(const Call& call, const Uuid& account, const SessionId& id);
  /// At most `limit` rows behind `after`, newest first.
  AsyncResult<std::vector<Session>> page(const Call& call, const Uuid& account, std::optional<Status> status, const CursorPosition& after,
                                         std::int64_t limit);
  AsyncResult<std::int64_t> count_open(const Call& call, const Uuid& account, std::int64_t now);
  /// Deletes some of the rows that ended before; their number, 0 when none is left.
  AsyncResult<std::int64_t> delete_ended(const Call& call, std::int64_t before);

 private:
  db::Database& database_;
  AuditLog& audit_;
  std::string node_;
};

}  // namespace driftstack::sessions

#pragma once
// The SQL about teams, their members and invites.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/task.hpp"
#include "store.hpp"
#include "team.hpp"

namespace driftstack::identity {

/// Outside of transactions. [io-thread]
class TeamStore {
 public:
  explicit TeamStore(db::Database& database) noexcept : database_(database) {}

  db::Database& database() noexcept { return database_; }

  /// The team of an account, named or not; nothing without the account.
  AsyncResult<std::optional<Team>> find_team(const Call& call, Uuid owner);
  /// What `member` may do for `owner`; nothing when not on the team.
  AsyncResult<std::optional<Standing>> find_standing(const Call& call, Uuid owner, Uuid member);
  /// Is the credential live and its account active? An OAuth token is not looked up: it ends within the hour.
  AsyncResult<bool> credential_stands(const Call& call, CredentialKind kind, Uuid account, Uuid credential, std::int64_t now);
  /// Oldest first.
  AsyncResult<std::vector<TeamMate>> list_members(const Call& call, Uuid owner);
  AsyncResult<std::vector<JoinedTeam>> list_joined(const Call& call, Uuid member);
  /// Open ones, newest first.
  AsyncResult<std::vector<Invite>> list_invites(const Call& call, Uuid owner, std::int64_t now);
  /// The open invite with this token; it stays open.
  AsyncResult<std::optional<Invite>> find_invite(const Call& call, std::string digest, std::int64_t now);
  /// Removes at most `limit` invites that ended before.
  AsyncResult<> purge_invites(const Call& call, std::int64_t ended_before, std::int64_t limit);

 private:
  db::Database& database_;
};

/// Inside of a transaction.
namespace in_transaction {

/// The name of the lock under which a team gets invites and members. Taken before every other lock of this plugin.
std::string team_lock(const Uuid& owner);

AsyncResult<bool> is_member(db::Transaction& transaction, Uuid owner, std::string email);
AsyncResult<std::int64_t> count_members(db::Transaction& transaction, Uuid owner);
/// Open ones to other addresses than this one; those that ran out are removed.
AsyncResult<std::int64_t> count_other_invites(db::Transaction& transaction, Uuid owner, std::string email, std::int64_t now);
/// Replaces an open invite of the same address and the token of it.
AsyncResult<> put_invite(db::Transaction& transaction, Invite invite, std::string digest);
/// Consumes an invite: whoever gets it is the only one.
AsyncResult<std::optional<Invite>> take_invite(db::Transaction& transaction, std::string digest, std::int64_t now);
AsyncResult<> insert_member(db::Transaction& transaction, Membership membership);

/// The role of `member`, who keeps it at least until this transaction ends: a removal waits. Ask before the number of the change is taken.
AsyncResult<std::optional<MemberRole>> hold_role(db::Transaction& transaction, Uuid owner, Uuid member);
/// Answers who it was, or nothing when it is no membership of this team.
AsyncResult<std::optional<Uuid>> remove_member(db::Transaction& transaction, Uuid owner, Uuid membership);
/// Ends every membership and invite of an account, its own team's and others'; answers what it was a member of, by owner.
AsyncResult<std::vector<Membership>> leave_teams(db::Transaction& transaction, Uuid account);
/// Revokes the live keys of `owner` that `creator` made; answers their ids. After the membership is gone.
AsyncResult<std::vector<Uuid>> revoke_keys_made_by(db::Transaction& transaction, Uuid owner, Uuid creator, std::int64_t now,
                                                   ChangeNumber change);

AsyncResult<std::optional<std::string>> find_team_name(db::Transaction& transaction, Uuid owner);
AsyncResult<> set_team_name(db::Transaction& transaction, Uuid owner, std::string name, std::int64_t now);

}  // namespace in_transaction

}  // namespace driftstack::identity

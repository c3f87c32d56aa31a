#include "team_store.hpp"

#include <algorithm>
#include <utility>

#include "driftstack/support/wire.hpp"
#include "store_rows.hpp"

namespace driftstack::identity {
namespace {

#define MEMBER_COLUMNS "m.id, m.owner_account_id, m.member_account_id, m.role, m.invited_by, m.invited_at, m.accepted_at"
#define INVITE_COLUMNS "id, owner_account_id, invitee_email, role, invited_by, created_at, expires_at"

constinit const db::Statement kFindTeam(
    "SELECT a.id, a.email, a.name, t.name, a.created_at, t.updated_at FROM identity_accounts a "
    "LEFT JOIN identity_team_names t ON t.owner_account_id = a.id WHERE a.id = $1");
constinit const db::Statement kFindTeamName("SELECT name FROM identity_team_names WHERE owner_account_id = $1");
constinit const db::Statement kSetTeamName(
    "INSERT INTO identity_team_names (owner_account_id, name, updated_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (owner_account_id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at");

constinit const db::Statement kFindStanding(
    "SELECT m.role, a.tier, a.status FROM identity_team_members m JOIN identity_accounts a ON a.id = m.owner_account_id "
    "WHERE m.owner_account_id = $1 AND m.member_account_id = $2");
#define ACTIVE_ACCOUNT "SELECT 1 FROM identity_accounts a WHERE a.id = $1 AND a.status = 'active'"
constinit const db::Statement kAccountStands(ACTIVE_ACCOUNT);
constinit const db::Statement kKeyStands(ACTIVE_ACCOUNT
                                         " AND EXISTS (SELECT 1 FROM identity_api_keys k WHERE k.id = $2 AND k.account_id = a.id "
                                         "AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3))");
constinit const db::Statement kSessionStands(ACTIVE_ACCOUNT
                                             " AND EXISTS (SELECT 1 FROM identity_web_sessions s WHERE s.id = $2 AND s.account_id = a.id "
                                             "AND s.revoked_at IS NULL AND s.expires_at > $3)");
#undef ACTIVE_ACCOUNT
constinit const db::Statement kListMembers("SELECT " MEMBER_COLUMNS
                                           ", a.email FROM identity_team_members m JOIN identity_accounts a ON a.id = m.member_account_id "
                                           "WHERE m.owner_account_id = $1 ORDER BY m.accepted_at, m.id");
constinit const db::Statement kListJoined("SELECT " MEMBER_COLUMNS
                                          ", a.email, a.name FROM identity_team_members m "
                                          "JOIN identity_accounts a ON a.id = m.owner_account_id "
                                          "WHERE m.member_account_id = $1 ORDER BY m.accepted_at, m.id");
constinit const db::Statement kIsMember(
    "SELECT 1 FROM identity_team_members m JOIN identity_accounts a ON a.id = m.member_account_id "
    "WHERE m.owner_account_id = $1 AND a.email = $2");
constinit const db::Statement kCountMembers("SELECT count(*) FROM identity_team_members WHERE owner_account_id = $1");
constinit const db::Statement kInsertMember(
    "INSERT INTO identity_team_members (id, owner_account_id, member_account_id, role, invited_by, invited_at, accepted_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)");
// A write that changes nothing: it holds the row on every engine.
constinit const db::Statement kHoldRole(
    "UPDATE identity_team_members SET role = role WHERE owner_account_id = $1 AND member_account_id = $2 RETURNING role");
constinit const db::Statement kRemoveMember(
    "DELETE FROM identity_team_members WHERE id = $1 AND owner_account_id = $2 RETURNING member_account_id");
constinit const db::Statement kLeaveTeams(
    "DELETE FROM identity_team_members WHERE owner_account_id = $1 OR member_account_id = $1 "
    "RETURNING id, owner_account_id, member_account_id, role, invited_by, invited_at, accepted_at");
constinit const db::Statement kRevokeKeysMadeBy(
    "UPDATE identity_api_keys SET revoked_at = $3, change = $4 WHERE account_id = $1 AND created_by = $2 AND revoked_at IS NULL "
    "AND (expires_at IS NULL OR expires_at > $3) RETURNING id");

constinit const db::Statement kListInvites("SELECT " INVITE_COLUMNS
                                           " FROM identity_team_invites WHERE owner_account_id = $1 AND expires_at > $2 "
                                           "ORDER BY created_at DESC, id DESC");
constinit const db::Statement kFindInvite("SELECT " INVITE_COLUMNS " FROM identity_team_invites WHERE digest = $1 AND expires_at > $2");
constinit const db::Statement kTakeInvite(
    "DELETE FROM identity_team_invites WHERE digest = $1 AND expires_at > $2 RETURNING " INVITE_COLUMNS);
constinit const db::Statement kRemoveOldInvites("DELETE FROM identity_team_invites WHERE owner_account_id = $1 AND expires_at <= $2");
constinit const db::Statement kPurgeInvites(
    "DELETE FROM identity_team_invites WHERE id IN (SELECT id FROM identity_team_invites WHERE expires_at < $1 LIMIT $2)");
constinit const db::Statement kRemoveInvites("DELETE FROM identity_team_invites WHERE owner_account_id = $1");
constinit const db::Statement kCountOtherInvites(
    "SELECT count(*) FROM identity_team_invites WHERE owner_account_id = $1 AND invitee_email <> $2");
constinit const db::Statement kPutInvite(
    "INSERT INTO identity_team_invites (id, owner_account_id, invitee_email, role, invited_by, created_at, expires_at, digest) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
    "ON CONFLICT (owner_account_id, invitee_email) DO UPDATE SET id = excluded.id, role = excluded.role, invited_by = excluded.invited_by, "
    "created_at = excluded.created_at, expires_at = excluded.expires_at, digest = excluded.digest");

#undef MEMBER_COLUMNS
#undef INVITE_COLUMNS

MemberRole read_role(std::string_view text) {
  const auto role = wire::enum_from_text<MemberRole>(text);
  if (!role) corrupt("a role in a team");
  return *role;
}

std::optional<Uuid> read_maybe_uuid(const db::Row& row, std::size_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(read_uuid(row.text(column)));
}

std::optional<std::string> text_of(const std::optional<Uuid>& id) { return id ? std::optional(id->to_text()) : std::nullopt; }

Membership read_membership(const db::Row& row) {
  Membership membership;
  membership.id = read_uuid(row.text(0));
  membership.owner = read_uuid(row.text(1));
  membership.member = read_uuid(row.text(2));
  membership.role = read_role(row.text(3));
  membership.invited_by = read_maybe_uuid(row, 4);
  membership.invited_at = row.integer(5);
  membership.accepted_at = row.integer(6);
  return membership;
}

Invite read_invite(const db::Row& row) {
  Invite invite;
  invite.id = read_uuid(row.text(0));
  invite.owner = read_uuid(row.text(1));
  invite.email = row.text(2);
  invite.role = read_role(row.text(3));
  invite.invited_by = read_maybe_uuid(row, 4);
  invite.created_at = row.integer(5);
  invite.expires_at = row.integer(6);
  return invite;
}

Team read_team(const db::Row& row) {
  Team team;
  team.owner = read_uuid(row.text(0));
  team.owner_email = row.text(1);
  team.owner_name = row.maybe_text(2);
  team.name = row.maybe_text(3);
  team.created_at = row.integer(4);
  team.updated_at = row.maybe_integer(5).value_or(team.created_at);
  return team;
}

Standing read_standing(const db::Row& row) {
  Standing standing;
  standing.role = read_role(row.text(0));
  standing.owner_tier = row.text(1);
  standing.owner_status = read_status(row.text(2));
  return standing;
}

Result<std::int64_t> count_in(const Result<db::Rows>& rows) {
  if (!rows) return rows.error();
  return (*rows)[0].integer(0);
}

}  // namespace

AsyncResult<std::optional<Team>> TeamStore::find_team(const Call& call, Uuid owner) {
  auto rows = co_await database_.read(call, kFindTeam, db::values(owner.to_text()));
  co_return first(std::move(rows), read_team);
}

AsyncResult<std::optional<Standing>> TeamStore::find_standing(const Call& call, Uuid owner, Uuid member) {
  auto rows = co_await database_.read(call, kFindStanding, db::values(owner.to_text(), member.to_text()));
  co_return first(std::move(rows), read_standing);
}

AsyncResult<bool> TeamStore::credential_stands(const Call& call, CredentialKind kind, Uuid account, Uuid credential, std::int64_t now) {
  const bool is_token = kind == CredentialKind::oauth_token;
  db::Values values = is_token ? db::values(account.to_text()) : db::values(account.to_text(), credential.to_text(), now);
  const db::Statement& statement = is_token ? kAccountStands : kind == CredentialKind::api_key ? kKeyStands : kSessionStands;
  auto rows = co_await database_.read(call, statement, std::move(values));
  if (!rows) co_return std::move(rows).error();
  co_return !rows->empty();
}

AsyncResult<std::vector<TeamMate>> TeamStore::list_members(const Call& call, Uuid owner) {
  auto rows = co_await database_.read(call, kListMembers, db::values(owner.to_text()));
  co_return all(std::move(rows), [](const db::Row& row) {
    TeamMate mate;
    mate.membership = read_membership(row);
    mate.email = row.text(7);
    return mate;
  });
}

AsyncResult<std::vector<JoinedTeam>> TeamStore::list_joined(const Call& call, Uuid member) {
  auto rows = co_await database_.read(call, kListJoined, db::values(member.to_text()));
  co_return all(std::move(rows), [](const db::Row& row) {
    JoinedTeam joined;
    joined.membership = read_membership(row);
    joined.owner_email = row.text(7);
    joined.owner_name = row.maybe_text(8);
    return joined;
  });
}

AsyncResult<std::vector<Invite>> TeamStore::list_invites(const Call& call, Uuid owner, std::int64_t now) {
  auto rows = co_await database_.read(call, kListInvites, db::values(owner.to_text(), now));
  co_return all(std::move(rows), read_invite);
}

AsyncResult<std::optional<Invite>> TeamStore::find_invite(const Call& call, std::string digest, std::int64_t now) {
  auto rows = co_await database_.read(call, kFindInvite, db::values(std::move(digest), now));
  co_return first(std::move(rows), read_invite);
}

AsyncResult<> TeamStore::purge_invites(const Call& call, std::int64_t ended_before, std::int64_t limit) {
  auto rows = co_await database_.write(call, kPurgeInvites, db::values(ended_before, limit));
  co_return done(rows);
}

namespace in_transaction {

std::string team_lock(const Uuid& owner) { return "identity.team:" + owner.to_text(); }

AsyncResult<bool> is_member(db::Transaction& transaction, Uuid owner, std::string email) {
  auto rows = co_await transaction.run(kIsMember, db::values(owner.to_text(), std::move(email)));
  if (!rows) co_return std::move(rows).error();
  co_return !rows->empty();
}

AsyncResult<std::int64_t> count_members(db::Transaction& transaction, Uuid owner) {
  auto rows = co_await transaction.run(kCountMembers, db::values(owner.to_text()));
  co_return count_in(rows);
}

AsyncResult<std::int64_t> count_other_invites(db::Transaction& transaction, Uuid owner, std::string email, std::int64_t now) {
  auto rows = co_await transaction.run(kRemoveOldInvites, db::values(owner.to_text(), now));
  if (rows) rows = co_await transaction.run(kCountOtherInvites, db::values(owner.to_text(), std::move(email)));
  co_return count_in(rows);
}

AsyncResult<> put_invite(db::Transaction& transaction, Invite invite, std::string digest) {
  auto rows = co_await transaction.run(kPutInvite,
                                       db::values(invite.id.to_text(), invite.owner.to_text(), invite.email, wire::enum_text(invite.role),
                                                  text_of(invite.invited_by), invite.created_at, invite.expires_at, std::move(digest)));
  co_return done(rows);
}

AsyncResult<std::optional<Invite>> take_invite(db::Transaction& transaction, std::string digest, std::int64_t now) {
  auto rows = co_await transaction.run(kTakeInvite, db::values(std::move(digest), now));
  co_return first(std::move(rows), read_invite);
}

AsyncResult<> insert_member(db::Transaction& transaction, Membership membership) {
  auto rows =
      co_await transaction.run(kInsertMember, db::values(membership.id.to_text(), membership.owner.to_text(), membership.member.to_text(),
                                                         wire::enum_text(membership.role), text_of(membership.invited_by),
                                                         membership.invited_at, membership.accepted_at));
  co_return done(rows);
}

AsyncResult<std::optional<MemberRole>> hold_role(db::Transaction& transaction, Uuid owner, Uuid member) {
  auto rows = co_await transaction.run(kHoldRole, db::values(owner.to_text(), member.to_text()));
  co_return first(std::move(rows), [](const db::Row& row) { return read_role(row.text(0)); });
}

AsyncResult<std::optional<Uuid>> remove_member(db::Transaction& transaction, Uuid owner, Uuid membership) {
  auto rows = co_await transaction.run(kRemoveMember, db::values(membership.to_text(), owner.to_text()));
  co_return first(std::move(rows), [](const db::Row& row) { return read_uuid(row.text(0)); });
}

AsyncResult<std::vector<Membership>> leave_teams(db::Transaction& transaction, Uuid account) {
  // Invites first: an accept that took one is over by then, and its membership is seen.
  auto rows = co_await transaction.run(kRemoveInvites, db::values(account.to_text()));
  if (rows) rows = co_await transaction.run(kLeaveTeams, db::values(account.to_text()));
  auto ended = all(std::move(rows), read_membership);
  if (!ended) co_return std::move(ended).error();
  std::vector<Membership> joined;
  for (Membership& membership : *ended) {
    if (membership.member == account) joined.push_back(std::move(membership));
  }
  std::sort(joined.begin(), joined.end(), [](const Membership& a, const Membership& b) { return a.owner.to_text() < b.owner.to_text(); });
  co_return joined;
}

AsyncResult<std::vector<Uuid>> revoke_keys_made_by(db::Transaction& transaction, Uuid owner, Uuid creator, std::int64_t now,
                                                   ChangeNumber change) {
  auto rows = co_await transaction.run(kRevokeKeysMadeBy, db::values(owner.to_text(), creator.to_text(), now, change));
  co_return all(std::move(rows), [](const db::Row& row) { return read_uuid(row.text(0)); });
}

AsyncResult<std::optional<std::string>> find_team_name(db::Transaction& transaction, Uuid owner) {
  auto rows = co_await transaction.run(kFindTeamName, db::values(owner.to_text()));
  co_return first(std::move(rows), [](const db::Row& row) { return std::string(row.text(0)); });
}

AsyncResult<> set_team_name(db::Transaction& transaction, Uuid owner, std::string name, std::int64_t now) {
  auto rows = co_await transaction.run(kSetTeamName, db::values(owner.to_text(), std::move(name), now));
  co_return done(rows);
}

}  // namespace in_transaction

}  // namespace driftstack::identity

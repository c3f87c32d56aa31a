#include "teams.hpp"

#include <utility>

#include "driftstack/support/random_bytes.hpp"
#include "mail/mail_store.hpp"
#include "people/people_store.hpp"
#include "secret_token.hpp"
#include "team_entries.hpp"
#include "team_removal.hpp"

namespace driftstack::identity {
namespace {

Error no_such_member() { return Error(Errc::not_found, "There is no such member in the team."); }
Error no_such_team() { return Error(Errc::not_found, "There is no such team."); }
Error invalid_invite() {
  return Error(Errc::invalid_auth_token, "The invite is not valid: it was used, replaced, has expired or never existed.");
}
Error member_already() { return Error(Errc::conflict, "This address belongs to a member of the team already."); }

Error limit_reached(std::string_view resource, std::int64_t current, std::int64_t limit, const std::string& detail) {
  return Error(Errc::tier_limit, detail)
      .with_members("\"resource\":\"" + std::string(resource) + "\",\"current\":" + std::to_string(current) +
                    ",\"limit\":" + std::to_string(limit));
}

}  // namespace

AsyncResult<Account> Teams::account_of(const Call& call) {
  auto account = co_await parts_.accounts.find_account(call, call.principal()->account);
  if (!account) co_return std::move(account).error();
  if (!*account) co_return Error(Errc::not_found, "The account does not exist any more.");
  co_return std::move(**account);
}

AsyncResult<SentLink> Teams::invite(const Call& call, EmailAddress email, MemberRole role) {
  auto owner = co_await account_of(call);
  if (!owner) co_return std::move(owner).error();
  if (email.text() == owner->email) co_return Error(Errc::conflict, "This is your own address.");
  Invite invite;
  invite.id = random_uuid();
  invite.owner = owner->id;
  invite.email = email.text();
  invite.role = role;
  invite.invited_by = owner->id;
  invite.created_at = parts_.clock.unix_micros();
  invite.expires_at = invite.created_at + kInviteLife;
  auto draft = parts_.mails.invite(*owner, email.text(), invite.created_at, invite.expires_at);
  if (!draft) co_return std::move(draft).error();

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto step = co_await transaction.lock(in_transaction::team_lock(invite.owner));
    if (!step) co_return step;
    auto joined = co_await in_transaction::is_member(transaction, invite.owner, invite.email);
    if (!joined) co_return std::move(joined).error();
    if (*joined) co_return member_already();
    auto open = co_await in_transaction::count_other_invites(transaction, invite.owner, invite.email, invite.created_at);
    if (!open) co_return std::move(open).error();
    if (*open >= kMostInvites) {
      const std::string detail = "A team has at most " + std::to_string(kMostInvites) + " open invites.";
      co_return limit_reached("team_invite", *open, kMostInvites, detail);
    }
    step = co_await in_transaction::put_invite(transaction, invite, draft->digest);
    if (!step) co_return step;
    step = co_await in_transaction::insert_mail(transaction, draft->mail);
    if (!step) co_return step;
    AuditEntry entry = AuditEntry::by_caller(call, kMemberInvited);
    entry.target = InviteId(invite.id).to_text();
    entry.payload = invited_payload(invite.email, invite.role);
    co_return co_await parts_.audit.append(transaction, std::move(entry));
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  if (!done) co_return std::move(done).error();
  co_return std::move(draft->link);
}

AsyncResult<std::vector<Invite>> Teams::invites(const Call& call) {
  co_return co_await parts_.store.list_invites(call, call.principal()->account, parts_.clock.unix_micros());
}

AsyncResult<TeamMate> Teams::accept(const Call& call, std::string_view token) {
  const std::string digest = digest_text(token);
  auto member = co_await account_of(call);
  if (!member) co_return std::move(member).error();
  TeamMate mate;
  auto done = co_await commit_accepted(call, digest, *member, mate);
  if (!done) co_return std::move(done).error();
  co_return mate;
}

AsyncResult<> Teams::commit_accepted(const Call& call, std::string digest, Account member, TeamMate& mate) {
  const std::int64_t now = parts_.clock.unix_micros();
  auto found = co_await parts_.store.find_invite(call, digest, now);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return invalid_invite();
  // The token alone proves nothing: mails are passed on.
  if ((*found)->email != member.email) co_return Error(Errc::conflict, "The invite was sent to another address than that of this account.");
  const Uuid owner_id = (*found)->owner;
  auto owner = co_await parts_.accounts.find_account(call, owner_id);
  if (!owner) co_return std::move(owner).error();
  if (!*owner || (*owner)->status != AccountStatus::active) co_return invalid_invite();
  const auto seats = parts_.tiers.tier((*owner)->tier).team_seats;

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto step = co_await transaction.lock(in_transaction::team_lock(owner_id));
    if (!step) co_return step;
    step = co_await transaction.lock(in_transaction::people_lock(member.id));  // a deletion of this account waits, or is seen
    if (!step) co_return step;
    auto invite = co_await in_transaction::take_invite(transaction, digest, now);
    if (!invite) co_return std::move(invite).error();
    if (!*invite || (*invite)->email != member.email) co_return invalid_invite();
    auto person = co_await in_transaction::find_person(transaction, member.id);
    if (!person) co_return std::move(person).error();
    if (!*person || !(*person)->is_active()) co_return Error(Errc::forbidden, "The account is no longer active.");
    auto joined = co_await in_transaction::is_member(transaction, owner_id, member.email);
    if (!joined) co_return std::move(joined).error();
    if (*joined) co_return member_already();
    auto taken = co_await in_transaction::count_members(transaction, owner_id);
    if (!taken) co_return std::move(taken).error();
    if (seats && *taken >= *seats) co_return limit_reached("team_seat", *taken, *seats, "The team has no seat left.");

    Membership& membership = mate.membership;
    membership.id = random_uuid();
    membership.owner = owner_id;
    membership.member = member.id;
    membership.role = (*invite)->role;
    membership.invited_by = (*invite)->invited_by;
    membership.invited_at = (*invite)->created_at;
    membership.accepted_at = now;
    mate.email = member.email;
    step = co_await in_transaction::insert_member(transaction, membership);
    if (!step) co_return step;
    AuditEntry entry = AuditEntry::by_caller(call, kInviteAccepted);
    entry.account = owner_id;
    entry.target = MembershipId(membership.id).to_text();
    co_return co_await parts_.audit.append(transaction, std::move(entry));
  };
  co_return co_await db::transaction(parts_.store.database(), call, body);
}

AsyncResult<std::vector<TeamMate>> Teams::members(const Call& call) {
  co_return co_await parts_.store.list_members(call, call.principal()->account);
}

AsyncResult<std::vector<JoinedTeam>> Teams::joined(const Call& call) {
  co_return co_await parts_.store.list_joined(call, call.principal()->account);
}

AsyncResult<> Teams::remove(const Call& call, Uuid membership) {
  EndedMembership ended;
  ended.id = membership;
  ended.owner = call.principal()->account;
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    // Before the number of the change, as in hold_role, so that the two never wait for each other.
    auto member = co_await in_transaction::remove_member(transaction, ended.owner, membership);
    if (!member) co_return std::move(member).error();
    if (!*member) co_return no_such_member();
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    auto revoked = co_await in_transaction::revoke_keys_made_by(transaction, ended.owner, **member, parts_.clock.unix_micros(), *change);
    if (!revoked) co_return std::move(revoked).error();
    ended.revoked_keys = *std::move(revoked);
    std::vector<AuditEntry> entries = removal_entries(AuditEntry::by_caller(call, kMemberRemoved), ended);
    for (AuditEntry& entry : entries) {
      auto appended = co_await parts_.audit.append(transaction, std::move(entry));
      if (!appended) co_return appended;
    }
    co_return Done();
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  // Also when the outcome is unknown: a look too many costs little, a look too few lets a revoked key in.
  for (const Uuid& key : ended.revoked_keys) parts_.versions.moved(key);
  co_return done;
}

AsyncResult<Team> Teams::own(const Call& call) {
  auto team = co_await parts_.store.find_team(call, call.principal()->account);
  if (!team) co_return std::move(team).error();
  if (!*team) co_return no_such_team();
  co_return std::move(**team);
}

AsyncResult<Team> Teams::rename(const Call& call, Uuid team, std::string name) {
  const Uuid owner = call.principal()->account;
  if (team != owner) co_return no_such_team();
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto step = co_await transaction.lock(in_transaction::team_lock(owner));
    if (!step) co_return step;
    auto previous = co_await in_transaction::find_team_name(transaction, owner);
    if (!previous) co_return std::move(previous).error();
    step = co_await in_transaction::set_team_name(transaction, owner, name, parts_.clock.unix_micros());
    if (!step) co_return step;
    AuditEntry entry = AuditEntry::by_caller(call, kTeamUpdated);
    entry.target = TeamId(team).to_text();
    entry.payload = renamed_payload(*previous, name);
    co_return co_await parts_.audit.append(transaction, std::move(entry));
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  if (!done) co_return std::move(done).error();
  co_return co_await own(call);
}

}  // namespace driftstack::identity

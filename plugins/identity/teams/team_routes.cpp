#include "team_routes.hpp"

#include <utility>

namespace driftstack::identity {
namespace {

std::optional<AccountId> account_of(const std::optional<Uuid>& id) { return id ? std::optional(AccountId(*id)) : std::nullopt; }

TeamInviteView view_of(const Invite& invite) {
  TeamInviteView view;
  view.id = InviteId(invite.id);
  view.owner_account_id = AccountId(invite.owner);
  view.invitee_email = invite.email;
  view.role = invite.role;
  view.expires_at = Timestamp::from_micros(invite.expires_at);
  view.invited_by_account_id = account_of(invite.invited_by);
  view.created_at = Timestamp::from_micros(invite.created_at);
  return view;
}

TeamMemberView view_of(const TeamMate& mate) {
  const Membership& membership = mate.membership;
  TeamMemberView view;
  view.id = MembershipId(membership.id);
  view.owner_account_id = AccountId(membership.owner);
  view.member_account_id = AccountId(membership.member);
  view.member_email = mate.email;
  view.role = membership.role;
  view.invited_at = Timestamp::from_micros(membership.invited_at);
  view.accepted_at = Timestamp::from_micros(membership.accepted_at);
  view.invited_by_account_id = account_of(membership.invited_by);
  return view;
}

TeamView view_of(const Team& team) {
  TeamView view;
  view.id = TeamId(team.owner);
  view.name = team.name.value_or("Team of " + team.owner_name.value_or(team.owner_email));
  view.owner_account_id = AccountId(team.owner);
  view.created_at = Timestamp::from_micros(team.created_at);
  view.updated_at = Timestamp::from_micros(team.updated_at);
  return view;
}

}  // namespace

TeamOwner view_of(const JoinedTeam& joined) {
  TeamOwner view;
  view.owner_account_id = AccountId(joined.membership.owner);
  view.owner_email = joined.owner_email;
  view.owner_name = joined.owner_name;
  view.role = joined.membership.role;
  view.membership_id = MembershipId(joined.membership.id);
  return view;
}

void TeamOperations::declare(Routes& routes) {
  const ScopeSet read{Scope::read}, owner{Scope::account_owner};
  routes
      .post("/v1/team/invites", "invite_team_member",
            "Invite somebody to the own team, by mail; an open invite to the address is replaced.")
      .bearer(owner, TeamAccess::ignored)
      .success(202)
      .to<&TeamOperations::invite>(*this);
  routes.get("/v1/team/invites", "list_team_invites", "Open invites of the own team, newest first.")
      .bearer(read, TeamAccess::ignored)
      .to<&TeamOperations::list_invites>(*this);
  routes.post("/v1/team/invites/accept", "accept_team_invite", "Join a team with the token of an invite to the own address.")
      .bearer(owner, TeamAccess::ignored)
      .to<&TeamOperations::accept_invite>(*this);
  routes.get("/v1/team/members", "list_team_members", "Members of the own team, oldest first.")
      .bearer(read, TeamAccess::ignored)
      .to<&TeamOperations::list_members>(*this);
  routes.delete_("/v1/team/members/{id}", "remove_team_member", "Remove a member, and revoke the keys that they made for the own account.")
      .bearer(owner, TeamAccess::ignored)
      .to<&TeamOperations::remove_member>(*this);
  routes.get("/v1/team/owners", "list_joined_teams", "Teams that the caller joined.")
      .bearer(read, TeamAccess::ignored)
      .to<&TeamOperations::list_owners>(*this);
  routes.get("/v1/teams", "list_teams", "The team that the caller owns.")
      .bearer(read, TeamAccess::ignored)
      .to<&TeamOperations::list_teams>(*this);
  routes.patch("/v1/teams/{id}", "rename_team", "Name the own team.")
      .bearer(owner, TeamAccess::ignored)
      .to<&TeamOperations::rename_team>(*this);
}

AsyncResult<InviteSent> TeamOperations::invite(const Call& call, const Request&, InviteBody body) {
  InviteSent view;
  view.message = "An invite was sent to " + body.email.text() + ".";
  auto sent = co_await teams_.invite(call, std::move(body.email), body.role.value_or(MemberRole::member));
  if (!sent) co_return std::move(sent).error();
  if (show_tokens_ == ShowTokens::yes) view.debug_token = std::move(sent->token);
  co_return view;
}

AsyncResult<TeamInviteList> TeamOperations::list_invites(const Call& call, const Request&) {
  auto invites = co_await teams_.invites(call);
  if (!invites) co_return std::move(invites).error();
  TeamInviteList list;
  list.data.reserve(invites->size());
  for (const Invite& invite : *invites) list.data.push_back(view_of(invite));
  co_return list;
}

AsyncResult<Joined> TeamOperations::accept_invite(const Call& call, const Request&, AcceptBody body) {
  auto mate = co_await teams_.accept(call, body.token.reveal());
  if (!mate) co_return std::move(mate).error();
  Joined view;
  view.membership = view_of(*mate);
  co_return view;
}

AsyncResult<TeamMemberList> TeamOperations::list_members(const Call& call, const Request&) {
  auto members = co_await teams_.members(call);
  if (!members) co_return std::move(members).error();
  TeamMemberList list;
  list.data.reserve(members->size());
  for (const TeamMate& mate : *members) list.data.push_back(view_of(mate));
  co_return list;
}

AsyncResult<> TeamOperations::remove_member(const Call& call, const Request& request) {
  const auto id = MembershipId::from_text(request.parameter("id"));
  if (!id) co_return Error(Errc::not_found, "There is no such member in the team.");
  co_return co_await teams_.remove(call, id->uuid());
}

AsyncResult<TeamOwnerList> TeamOperations::list_owners(const Call& call, const Request&) {
  auto joined = co_await teams_.joined(call);
  if (!joined) co_return std::move(joined).error();
  TeamOwnerList list;
  list.data.reserve(joined->size());
  for (const JoinedTeam& team : *joined) list.data.push_back(view_of(team));
  co_return list;
}

AsyncResult<TeamList> TeamOperations::list_teams(const Call& call, const Request&) {
  auto team = co_await teams_.own(call);
  if (!team) co_return std::move(team).error();
  TeamList list;
  list.data.push_back(view_of(*team));
  co_return list;
}

AsyncResult<TeamChanged> TeamOperations::rename_team(const Call& call, const Request& request, TeamPatch body) {
  const auto id = TeamId::from_text(request.parameter("id"));
  if (!id) co_return Error(Errc::not_found, "There is no such team.");
  auto team = co_await teams_.rename(call, id->uuid(), std::move(body.name));
  if (!team) co_return std::move(team).error();
  TeamChanged view;
  view.team = view_of(*team);
  co_return view;
}

}  // namespace driftstack::identity

#pragma once
// The operations about teams: requests in, domain calls between, described answers out.

#include "driftstack/http.hpp"
#include "driftstack/support/routes.hpp"
#include "people/people_routes.hpp"
#include "team_wire.hpp"
#include "teams.hpp"

namespace driftstack::identity {

/// [io-thread]
class TeamOperations {
 public:
  TeamOperations(Teams& teams, ShowTokens show_tokens) noexcept : teams_(teams), show_tokens_(show_tokens) {}

  /// Declares every route; this object must outlive them.
  void declare(Routes& routes);

  AsyncResult<InviteSent> invite(const Call& call, const Request& request, InviteBody body);
  AsyncResult<TeamInviteList> list_invites(const Call& call, const Request& request);
  AsyncResult<Joined> accept_invite(const Call& call, const Request& request, AcceptBody body);
  AsyncResult<TeamMemberList> list_members(const Call& call, const Request& request);
  AsyncResult<> remove_member(const Call& call, const Request& request);
  AsyncResult<TeamOwnerList> list_owners(const Call& call, const Request& request);
  AsyncResult<TeamList> list_teams(const Call& call, const Request& request);
  AsyncResult<TeamChanged> rename_team(const Call& call, const Request& request, TeamPatch body);

 private:
  Teams& teams_;
  ShowTokens show_tokens_;
};

}  // namespace driftstack::identity

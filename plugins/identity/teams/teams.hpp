#pragma once
// The life of teams: inviting, joining, removing, naming. identity.md 9.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "credential_versions.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/task.hpp"
#include "email_address.hpp"
#include "people/link_mails.hpp"
#include "team_store.hpp"
#include "tiers.hpp"

namespace driftstack::identity {

/// Callers come from `call.principal()`, always for their own account. [io-thread]
class Teams {
 public:
  struct Parts {
    TeamStore& store;
    Store& accounts;
    const LinkMails& mails;
    AuditLog& audit;
    Clock& clock;
    CredentialVersions& versions;
    const Tiers& tiers;
  };
  explicit Teams(Parts parts) noexcept : parts_(parts) {}

  /// Sends an invite, also to an address that has no account yet; answers its token. conflict (own address, a member already), tier_limit.
  AsyncResult<SentLink> invite(const Call& call, EmailAddress email, MemberRole role);
  AsyncResult<std::vector<Invite>> invites(const Call& call);
  /// invalid_auth_token (unknown, used, expired), conflict (meant for another address, a member already), tier_limit (no seat left).
  AsyncResult<TeamMate> accept(const Call& call, std::string_view token);

  AsyncResult<std::vector<TeamMate>> members(const Call& call);
  AsyncResult<std::vector<JoinedTeam>> joined(const Call& call);
  /// Ends a membership and every live key of this account that the member made. not_found.
  AsyncResult<> remove(const Call& call, Uuid membership);

  AsyncResult<Team> own(const Call& call);
  /// not_found for every team but the caller's own.
  AsyncResult<Team> rename(const Call& call, Uuid team, std::string name);

 private:
  AsyncResult<Account> account_of(const Call& call);
  AsyncResult<> commit_accepted(const Call& call, std::string digest, Account member, TeamMate& mate);

  Parts parts_;
};

}  // namespace driftstack::identity

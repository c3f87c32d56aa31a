#pragma once
// The JSON shapes of teams. identity.md 9.1, 9.2.

#include <optional>
#include <string>
#include <vector>

#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "email_address.hpp"
#include "secret_token.hpp"
#include "team.hpp"
#include "wire.hpp"

namespace driftstack::identity {

struct InviteBody {
  EmailAddress email;
  std::optional<MemberRole> role;
  static constexpr auto shape =
      wire::object(wire::field<&InviteBody::email>("email"),
                   wire::field<&InviteBody::role>("role", wire::doc("member reads, admin also writes; member when absent.")));
};

/// The same whether or not anybody has the address.
struct InviteSent {
  std::string message;
  std::optional<std::string> debug_token;
  static constexpr auto shape = wire::object(
      wire::field<&InviteSent::message>("message"),
      wire::field<&InviteSent::debug_token>("debug_token", wire::doc("Only where mails are not sent (stub mode): the token of the mail.")));
};

struct TeamInviteView {
  InviteId id;
  AccountId owner_account_id;
  std::string invitee_email;
  MemberRole role = MemberRole::member;
  Timestamp expires_at;
  std::optional<AccountId> invited_by_account_id;
  std::optional<Timestamp> accepted_at;
  Timestamp created_at;
  static constexpr auto shape = wire::object(
      wire::field<&TeamInviteView::id>("id"), wire::field<&TeamInviteView::owner_account_id>("owner_account_id"),
      wire::field<&TeamInviteView::invitee_email>("invitee_email"), wire::field<&TeamInviteView::role>("role"),
      wire::field<&TeamInviteView::expires_at>("expires_at"),
      wire::field<&TeamInviteView::invited_by_account_id>("invited_by_account_id", wire::nullable),
      wire::field<&TeamInviteView::accepted_at>("accepted_at", wire::nullable, wire::doc("Always null: only open invites are listed.")),
      wire::field<&TeamInviteView::created_at>("created_at"));
};

struct TeamInviteList {
  std::vector<TeamInviteView> data;
  static constexpr auto shape = wire::object(wire::field<&TeamInviteList::data>("data"));
};

struct AcceptBody {
  TokenText token;
  static constexpr auto shape = wire::object(wire::field<&AcceptBody::token>("token"));
};

struct TeamMemberView {
  MembershipId id;
  AccountId owner_account_id, member_account_id;
  std::string member_email;
  MemberRole role = MemberRole::member;
  Timestamp invited_at, accepted_at;
  std::optional<AccountId> invited_by_account_id;
  static constexpr auto shape =
      wire::object(wire::field<&TeamMemberView::id>("id"), wire::field<&TeamMemberView::owner_account_id>("owner_account_id"),
                   wire::field<&TeamMemberView::member_account_id>("member_account_id"),
                   wire::field<&TeamMemberView::member_email>("member_email"), wire::field<&TeamMemberView::role>("role"),
                   wire::field<&TeamMemberView::invited_at>("invited_at"), wire::field<&TeamMemberView::accepted_at>("accepted_at"),
                   wire::field<&TeamMemberView::invited_by_account_id>("invited_by_account_id", wire::nullable));
};

struct TeamMemberList {
  std::vector<TeamMemberView> data;
  static constexpr auto shape = wire::object(wire::field<&TeamMemberList::data>("data"));
};

struct Joined {
  TeamMemberView membership;
  static constexpr auto shape = wire::object(wire::field<&Joined::membership>("membership"));
};

struct TeamOwnerList {
  std::vector<TeamOwner> data;
  static constexpr auto shape = wire::object(wire::field<&TeamOwnerList::data>("data"));
};

struct TeamView {
  TeamId id;
  std::string name;
  std::optional<std::string> slug;
  AccountId owner_account_id;
  Timestamp created_at, updated_at;
  static constexpr auto shape =
      wire::object(wire::field<&TeamView::id>("id"), wire::field<&TeamView::name>("name"),
                   wire::field<&TeamView::slug>("slug", wire::nullable, wire::doc("Always null.")),
                   wire::field<&TeamView::owner_account_id>("owner_account_id"), wire::field<&TeamView::created_at>("created_at"),
                   wire::field<&TeamView::updated_at>("updated_at"));
};

struct TeamList {
  std::vector<TeamView> data;
  static constexpr auto shape = wire::object(wire::field<&TeamList::data>("data"));
};

struct TeamPatch {
  std::string name;
  static constexpr auto shape = wire::object(wire::field<&TeamPatch::name>("name", wire::trimmed, wire::length(1, 120)));
};

struct TeamChanged {
  TeamView team;
  static constexpr auto shape = wire::object(wire::field<&TeamChanged::team>("team"));
};

/// As it stands in `teams` of the account and in GET /v1/team/owners.
TeamOwner view_of(const JoinedTeam& joined);

}  // namespace driftstack::identity

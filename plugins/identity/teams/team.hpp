#pragma once
// Teams as they are stored: who may act for whose account. identity.md 9.1.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "driftstack/principal.hpp"
#include "driftstack/support/public_id.hpp"
#include "driftstack/uuid.hpp"
#include "records.hpp"

namespace driftstack::identity {

/// There is one team per account; its id is the owner's with another prefix.
using TeamId = PublicId<"team">;
using InviteId = PublicId<"inv">;

/// The role of somebody who is not the owner: `member` reads, `admin` also writes.
enum class MemberRole : std::uint8_t { member, admin };
constexpr auto enum_names(MemberRole) {
  return std::to_array<std::pair<std::string_view, MemberRole>>({{"member", MemberRole::member}, {"admin", MemberRole::admin}});
}

inline constexpr std::int64_t kInviteLife = std::int64_t{7} * 24 * 3600 * 1'000'000;  // identity.md 9.2, in microseconds
/// Open invites of one team. Ours: each is a mail to an address that somebody chose.
inline constexpr std::int64_t kMostInvites = 100;

struct Team {
  Uuid owner;
  std::string owner_email;
  std::optional<std::string> owner_name;
  std::optional<std::string> name;  ///< empty: nobody named it yet
  std::int64_t created_at = 0;
  std::int64_t updated_at = 0;
};

struct Invite {
  Uuid id;
  Uuid owner;
  std::string email;  ///< in the one spelling of EmailAddress
  MemberRole role = MemberRole::member;
  std::optional<Uuid> invited_by;
  std::int64_t created_at = 0;
  std::int64_t expires_at = 0;
};

struct Membership {
  Uuid id;
  Uuid owner;
  Uuid member;
  MemberRole role = MemberRole::member;
  std::optional<Uuid> invited_by;
  std::int64_t invited_at = 0;
  std::int64_t accepted_at = 0;
};

/// A membership as the owner of the team sees it.
struct TeamMate {
  Membership membership;
  std::string email;
};

/// A membership as the member sees it.
struct JoinedTeam {
  Membership membership;
  std::string owner_email;
  std::optional<std::string> owner_name;
};

/// What somebody may do for an owner's account, and on which tier.
struct Standing {
  MemberRole role = MemberRole::member;
  std::string owner_tier;
  AccountStatus owner_status = AccountStatus::active;
};

}  // namespace driftstack::identity

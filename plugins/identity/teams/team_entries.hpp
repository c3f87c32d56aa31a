#pragma once
// What the audit log says about teams. identity.md 9.5, 15.

#include <optional>
#include <string>
#include <vector>

#include "driftstack/uuid.hpp"
#include "team.hpp"

namespace driftstack::identity {

inline constexpr const char* kMemberInvited = "team.member_invited";
inline constexpr const char* kInviteAccepted = "team.invite_accepted";
inline constexpr const char* kMemberRemoved = "team.member_removed";
inline constexpr const char* kTeamUpdated = "team.updated";

/// `{invitee_email, role}`
std::string invited_payload(const std::string& email, MemberRole role);
/// `{revoked_api_key_ids}`
std::string removed_payload(const std::vector<Uuid>& revoked_keys);
/// `{previous_name|null, name}`
std::string renamed_payload(const std::optional<std::string>& previous, const std::string& name);

}  // namespace driftstack::identity

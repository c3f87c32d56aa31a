#pragma once
// The closed list of actions. platform.md 11.2.

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "driftstack/roles/audit_log.hpp"

namespace driftstack {
inline namespace v1 {
constexpr auto enum_names(AuditActor) {
  return std::to_array<std::pair<std::string_view, AuditActor>>(
      {{"customer", AuditActor::customer}, {"system", AuditActor::system}, {"staff", AuditActor::staff}});
}
}  // namespace v1
}  // namespace driftstack

namespace driftstack::audit {

inline constexpr auto kActions = std::to_array<std::string_view>({
    "account.email_verified",
    "account.login",
    "account.logout",
    "account.password_changed",
    "account.web_session_revoked",
    "account.mfa_enrolled",
    "account.mfa_disabled",
    "account.recovery_code_used",
    "account.email_preferences_changed",
    "account.deleted",
    "api_key.minted",
    "api_key.rotated",
    "api_key.revoked",
    "session.created",
    "session.destroyed",
    "profile.created",
    "profile.deleted",
    "profile.restored",
    "profile.purged",
    "profile.exported",
    "profile.imported",
    "proxy.created",
    "proxy.updated",
    "proxy.deleted",
    "subscription.tier_changed",
    "webhook_endpoint.created",
    "webhook_endpoint.updated",
    "webhook_endpoint.deleted",
    "webhook_endpoint.secret_rotated",
    "webhook_delivery.replayed",
    "team.member_invited",
    "team.invite_accepted",
    "team.member_removed",
    "team.updated",
    "admin.refund_recorded",
    "admin.support_note",
});

/// One of `kActions`, by its place there. Entries keep the text; this is for filters, which name exactly one.
enum class Action : std::uint8_t {};

constexpr auto enum_names(Action) {
  std::array<std::pair<std::string_view, Action>, kActions.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = {kActions[i], static_cast<Action>(i)};
  return names;
}

/// `api_key` of `api_key.minted`.
constexpr std::string_view prefix_of(std::string_view action) noexcept { return action.substr(0, action.find('.')); }

}  // namespace driftstack::audit

#pragma once
// What the audit entries of this plugin say. identity.md 15.

#include <cstdint>
#include <string>

#include "driftstack/call.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/uuid.hpp"
#include "records.hpp"

namespace driftstack::identity {

inline constexpr const char* kKeyMinted = "api_key.minted";
inline constexpr const char* kKeyRotated = "api_key.rotated";
inline constexpr const char* kKeyRevoked = "api_key.revoked";

/// `{name, scopes}`
std::string minted_payload(const std::string& name, const ScopeList& scopes);
/// `{new_key_id, grace_period_ends_at}`
std::string rotated_payload(const Uuid& successor, std::int64_t grace_end);

inline constexpr const char* kAccountDeleted = "account.deleted";
inline constexpr const char* kEmailPreferencesChanged = "account.email_preferences_changed";
/// `{event_type, opted_in}`
std::string email_preference_payload(const std::string& event_type, bool opted_in);

inline constexpr const char* kWebSessionRevoked = "account.web_session_revoked";
/// `{scope:"single"}`
std::string one_session_payload();
/// `{scope:"all_except_current", revoked}`
std::string other_sessions_payload(std::int64_t revoked);

// Entries by a person whom the call does not name yet: they came by a password or a link. All with where the call came from.

/// `account.email_verified`
AuditEntry verified_entry(const Call& call, const Uuid& account);
/// `account.login {method}`
AuditEntry login_entry(const Call& call, const Uuid& account, std::string method);
/// `account.password_changed {via:"password_reset"}`
AuditEntry password_changed_entry(const Call& call, const Uuid& account);
/// `account.logout {session_id}`
AuditEntry logout_entry(const Call& call, const Uuid& account, const Uuid& session);

}  // namespace driftstack::identity

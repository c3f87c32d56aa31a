#pragma once
// What the audit entries about keys say. identity.md 15.

#include <cstdint>
#include <string>

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

}  // namespace driftstack::identity

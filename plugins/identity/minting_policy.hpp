#pragma once
// Who may make a key with which scopes. identity.md 8.3 and 8.5, security.md 27.

#include "driftstack/result.hpp"
#include "driftstack/scope.hpp"
#include "records.hpp"

namespace driftstack::identity {

/// Whoever asks for the key: an owner may hand on what they hold; a team member, or a key that a member made, nothing that administers.
enum class MinterStanding : std::uint8_t { owner, member };

/// Errc::forbidden names the scope that is too much.
Result<> check_minting(ScopeSet held, MinterStanding standing, const ScopeList& asked);

/// What a successor may carry: the staff scope is dropped and the legacy `admin` becomes `account_owner`. Errc::forbidden when nothing is
/// left.
Result<ScopeList> scopes_after_rotation(const ScopeList& scopes);

}  // namespace driftstack::identity

#pragma once
// Acting for another account (`X-Driftstack-Account`). identity.md 9.3.

#include <string>

#include "driftstack/principal.hpp"
#include "driftstack/result.hpp"

namespace driftstack::identity {

/// The caller as it acts for the account with this public id. No account has members yet, so only the caller's own is allowed.
/// bad_request (no account id), forbidden (not on that team).
Result<Principal> act_for_account(const Principal& caller, const std::string& account);

}  // namespace driftstack::identity

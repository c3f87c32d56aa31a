#pragma once
// Acting for another account (`X-Driftstack-Account`). identity.md 9.3.

#include <string>

#include "driftstack/call.hpp"
#include "driftstack/principal.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"
#include "team_store.hpp"

namespace driftstack::identity {

/// The caller as it acts for the account with this public id. Nothing is remembered: who was removed from a team is refused on the next
/// request, on every server. bad_request (no account id), forbidden (not on that team). [io-thread]
AsyncResult<Principal> act_for_account(TeamStore& store, const Call& call, Principal caller, std::string account);

}  // namespace driftstack::identity

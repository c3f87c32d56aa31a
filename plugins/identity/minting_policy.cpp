#include "minting_policy.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace driftstack::identity {
namespace {

constexpr std::string_view kAdminVerb = "admin:";

bool administers(Scope scope) noexcept {
  return scope == Scope::account_owner || scope == Scope::admin || name_of(scope).substr(0, kAdminVerb.size()) == kAdminVerb;
}

Error refuse(Scope scope, std::string_view reason) {
  return Error(Errc::forbidden, "The scope \"" + std::string(name_of(scope)) + "\" " + std::string(reason));
}

}  // namespace

Result<> check_minting(ScopeSet held, MinterStanding standing, const ScopeList& asked) {
  for (const Scope scope : asked) {
    if (scope == Scope::driftstack_internal_admin || scope == Scope::admin) return refuse(scope, "is not given to keys.");
    if (standing == MinterStanding::member && administers(scope)) return refuse(scope, "is not given to keys that a team member makes.");
    if (!held.satisfies(scope)) return refuse(scope, "is beyond the caller's own.");
  }
  return Done();
}

Result<ScopeList> scopes_after_rotation(const ScopeList& scopes) {
  ScopeList kept;
  for (Scope scope : scopes) {
    if (scope == Scope::driftstack_internal_admin) continue;
    if (scope == Scope::admin) scope = Scope::account_owner;
    if (std::find(kept.begin(), kept.end(), scope) == kept.end()) kept.push_back(scope);
  }
  if (kept.empty()) return Error(Errc::forbidden, "No scope of this key may be carried over to a successor.");
  return kept;
}

}  // namespace driftstack::identity

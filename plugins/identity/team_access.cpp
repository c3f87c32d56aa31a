#include "team_access.hpp"

#include "records.hpp"

namespace driftstack::identity {

Result<Principal> act_for_account(const Principal& caller, const std::string& account) {
  const auto id = AccountId::from_text(account);
  if (!id) return Error(Errc::bad_request, "The header X-Driftstack-Account must hold an account id.");
  if (id->uuid() != caller.account) return Error(Errc::forbidden, "The caller is not a member of that account's team.");
  Principal own = caller;
  own.effective_account = caller.account;
  own.effective_tier = caller.tier;
  own.role = TeamRole::owner;
  return own;
}

}  // namespace driftstack::identity

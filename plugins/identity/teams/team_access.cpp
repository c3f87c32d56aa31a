#include "team_access.hpp"

#include <utility>

namespace driftstack::identity {

AsyncResult<Principal> act_for_account(TeamStore& store, const Call& call, Principal caller, std::string account) {
  const auto owner = AccountId::from_text(account);
  if (!owner) co_return Error(Errc::bad_request, "The header X-Driftstack-Account must hold an account id.");
  if (owner->uuid() == caller.account) co_return caller;
  if (caller.kind == CredentialKind::oauth_token) {
    co_return Error(Errc::forbidden, "An OAuth token acts for the account that approved it, and for no other.");
  }
  auto standing = co_await store.find_standing(call, owner->uuid(), caller.account);
  if (!standing) co_return std::move(standing).error();
  // An account that is not there, or is no longer active, must not be told from one that has no such member.
  if (!*standing || (*standing)->owner_status != AccountStatus::active) {
    co_return Error(Errc::forbidden, "The caller is not a member of that account's team.");
  }
  Principal acting = caller;
  acting.effective_account = owner->uuid();
  acting.effective_tier = TierSlug((*standing)->owner_tier);
  acting.role = (*standing)->role == MemberRole::admin ? TeamRole::admin : TeamRole::member;
  co_return acting;
}

}  // namespace driftstack::identity

#include "driftstack/testing/fixed_authenticator.hpp"

#include <utility>

namespace driftstack::testing {

namespace {
constexpr std::string_view kAccountPrefix = "acc_";

Uuid numbered(std::uint8_t kind, std::uint8_t number) {
  Uuid::Bytes bytes{};
  bytes.front() = kind;
  bytes.back() = number;
  return Uuid::from_random_bytes(bytes);
}
}  // namespace

Principal test_principal(std::uint8_t number, ScopeSet scopes, std::string_view tier) {
  Principal principal;
  principal.account = numbered(1, number);
  principal.credential = numbered(2, number);
  principal.scopes = scopes;
  principal.tier = tier;
  principal.effective_account = principal.account;
  principal.effective_tier = principal.tier;
  return principal;
}

void FixedAuthenticator::add(std::string token, Principal principal) {
  const std::lock_guard lock(mutex_);
  auto& known = tokens_[std::move(token)];
  known.principal = principal;
  known.refusal.reset();
}

void FixedAuthenticator::refuse(std::string token, Errc code) {
  const std::lock_guard lock(mutex_);
  tokens_[std::move(token)].refusal = code;
}

void FixedAuthenticator::add_member(const Uuid& member, const Uuid& owner, TierSlug owner_tier, TeamRole role) {
  const std::lock_guard lock(mutex_);
  auto& membership = memberships_[{member, owner}];
  membership.tier = owner_tier;
  membership.role = role;
}

void FixedAuthenticator::require_step_up(const Uuid& credential) {
  const std::lock_guard lock(mutex_);
  stale_.insert(credential);
}

std::optional<Result<Principal>> FixedAuthenticator::authenticate_now(std::string_view token) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const auto known = tokens_.find(token);
    if (known == tokens_.end() || !known->second.seen) return std::nullopt;
  }
  return look_up(token);
}

AsyncResult<Principal> FixedAuthenticator::authenticate(const Call&, std::string token) { co_return look_up(token); }

AsyncResult<Principal> FixedAuthenticator::act_for(const Call&, const Principal& caller, std::string account) {
  co_return on_team(caller, account);
}

AsyncResult<> FixedAuthenticator::check_step_up(const Call& call) {
  const std::lock_guard lock(mutex_);
  if (!stale_.contains(call.principal()->credential)) co_return Done();
  co_return Error(Errc::mfa_step_up_required, "A fresh second factor is needed for this action.");
}

Result<Principal> FixedAuthenticator::look_up(std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto known = tokens_.find(token);
  if (known == tokens_.end()) return Error(Errc::invalid_key, "The API key is not known.");
  known->second.seen = true;
  if (known->second.refusal) return Error(*known->second.refusal, "The API key is refused.");
  return known->second.principal;
}

Result<Principal> FixedAuthenticator::on_team(const Principal& caller, std::string_view account) {
  const auto owner = account.starts_with(kAccountPrefix) ? Uuid::from_text(account.substr(kAccountPrefix.size())) : std::nullopt;
  if (!owner) return Error(Errc::bad_request, "X-Driftstack-Account is not an account id.");
  const std::lock_guard lock(mutex_);
  const auto membership = memberships_.find({caller.account, *owner});
  if (membership == memberships_.end()) return Error(Errc::forbidden, "You are not on that account's team.");
  Principal acting = caller;
  acting.effective_account = *owner;
  acting.effective_tier = membership->second.tier;
  acting.role = membership->second.role;
  return acting;
}

}  // namespace driftstack::testing

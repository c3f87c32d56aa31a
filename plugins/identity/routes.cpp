#include "routes.hpp"

#include <utility>

namespace driftstack::identity {
namespace {

std::optional<Timestamp> time_of(const std::optional<std::int64_t>& micros) {
  return micros ? std::optional(Timestamp::from_micros(*micros)) : std::nullopt;
}

ApiKey view_of(const ApiKeyRecord& key) {
  ApiKey view;
  view.id = KeyId(key.id);
  view.name = key.name;
  view.key_prefix = key.key_prefix;
  view.scopes = key.scopes;
  view.last_used_at = time_of(key.last_used_at);
  view.revoked_at = time_of(key.revoked_at);
  view.expires_at = time_of(key.expires_at);
  view.created_at = Timestamp::from_micros(key.created_at);
  return view;
}

ApiKeyCreated view_of(MintedKey key) {
  ApiKey plain = view_of(key.record);
  ApiKeyCreated view;
  view.id = plain.id;
  view.name = std::move(plain.name);
  view.key_prefix = std::move(plain.key_prefix);
  view.scopes = std::move(plain.scopes);
  view.expires_at = plain.expires_at;
  view.created_at = plain.created_at;
  view.plaintext = std::move(key.plaintext);
  return view;
}

/// The key that the path names. A malformed id is an unknown one: no probing of ids.
Result<Uuid> key_in_path(const Request& request) {
  const auto id = KeyId::from_text(request.parameter("id"));
  if (!id) return Error(Errc::not_found, "There is no such API key.");
  return id->uuid();
}

BucketView view_of(const BucketLimits& limits) {
  BucketView view;
  view.bucket_key = limits.bucket;
  view.capacity = limits.capacity;
  view.refill_per_second = limits.refill_per_second;
  view.source = limits.override_expires_at ? LimitSource::override_ : LimitSource::tier_default;
  view.override_expires_at = time_of(limits.override_expires_at);
  return view;
}

}  // namespace

void Operations::declare(Routes& routes) {
  routes.post("/v1/api-keys", "create_api_key", "Make an API key; its plaintext is shown once.")
      .bearer(ScopeSet{Scope::account_owner}, TeamAccess::admin_write)
      .keyed(Idempotency::secret)
      .success(201)
      .to<&Operations::create_api_key>(*this);
  routes.get("/v1/api-keys", "list_api_keys", "All API keys of the account, newest first.")
      .bearer(ScopeSet{Scope::read_api_keys}, TeamAccess::member_read)
      .to<&Operations::list_api_keys>(*this);
  routes.post("/v1/api-keys/{id}/rotate", "rotate_api_key", "Make a successor; the old key works for 24 more hours.")
      .bearer(ScopeSet{Scope::account_owner}, TeamAccess::admin_write)
      .keyed(Idempotency::secret)
      .optional_body()
      .success(201)
      .to<&Operations::rotate_api_key>(*this);
  routes.delete_("/v1/api-keys/{id}", "revoke_api_key", "Revoke an API key for ever.")
      .bearer(ScopeSet{Scope::account_owner}, TeamAccess::admin_write)
      .to<&Operations::revoke_api_key>(*this);

  routes.get("/v1/account/me", "get_account", "The caller's own account.")
      .bearer(ScopeSet{Scope::read}, TeamAccess::ignored)
      .to<&Operations::get_account>(*this);
  routes.patch("/v1/account/me", "update_account", "Change name, time zone, slug or region of the own account.")
      .bearer(ScopeSet{Scope::account_owner}, TeamAccess::ignored)
      .to<&Operations::update_account>(*this);
  routes.get("/v1/whoami", "whoami", "Which account, key, tier and scopes the credential stands for.")
      .bearer(ScopeSet{}, TeamAccess::ignored)
      .to<&Operations::whoami>(*this);
  routes.get("/v1/account/rate-limits", "get_rate_limits", "Effective rate limits of the account.")
      .bearer(ScopeSet{Scope::read, Scope::account_owner}, TeamAccess::ignored)
      .to<&Operations::get_rate_limits>(*this);
}

AsyncResult<ApiKeyCreated> Operations::create_api_key(const Call& call, const Request& request, ApiKeyCreate body) {
  KeyWish wish(std::move(body.name), std::move(body.scopes));
  if (body.expires_at) wish.expires_at = body.expires_at->micros();
  auto minted = co_await parts_.keys.mint(call, std::move(wish), request.idempotency);
  if (!minted) co_return std::move(minted).error();
  co_return view_of(std::move(*minted));
}

AsyncResult<ApiKeyList> Operations::list_api_keys(const Call& call, const Request&) {
  auto keys = co_await parts_.keys.list(call);
  if (!keys) co_return std::move(keys).error();
  ApiKeyList list;
  list.data.reserve(keys->size());
  for (const ApiKeyRecord& key : *keys) list.data.push_back(view_of(key));
  co_return list;
}

AsyncResult<ApiKeyCreated> Operations::rotate_api_key(const Call& call, const Request& request, ApiKeyRotate body) {
  auto key = key_in_path(request);
  if (!key) co_return std::move(key).error();
  auto rotated = co_await parts_.keys.rotate(call, *key, std::move(body.name), request.idempotency);
  if (!rotated) co_return std::move(rotated).error();
  ApiKeyCreated view = view_of(std::move(rotated->successor));
  view.rotated_from = KeyId(rotated->predecessor);
  view.grace_period_ends_at = Timestamp::from_micros(rotated->grace_end);
  co_return view;
}

AsyncResult<> Operations::revoke_api_key(const Call& call, const Request& request) {
  auto key = key_in_path(request);
  if (!key) co_return std::move(key).error();
  co_return co_await parts_.keys.revoke(call, *key);
}

AsyncResult<AccountView> Operations::get_account(const Call& call, const Request&) { co_return co_await parts_.accounts.show(call); }

AsyncResult<AccountView> Operations::update_account(const Call& call, const Request&, AccountPatch body) {
  co_return co_await parts_.accounts.edit(call, std::move(body));
}

AsyncResult<WhoAmI> Operations::whoami(const Call& call, const Request&) {
  const Principal& caller = *call.principal();
  WhoAmI view;
  view.account_id = AccountId(caller.account);
  if (caller.kind == CredentialKind::api_key) view.api_key_id = KeyId(caller.credential);
  view.tier = caller.tier.view();
  view.scopes = to_list(caller.scopes);
  co_return view;
}

AsyncResult<RateLimitsView> Operations::get_rate_limits(const Call& call, const Request&) {
  const Principal& caller = *call.principal();
  RateLimitsView view;
  view.tier = caller.tier.view();
  auto* const rate_limiter = parts_.host.find<RateLimiter>();
  if (rate_limiter == nullptr) co_return view;
  auto limits = co_await rate_limiter->limits(call, RateSubject::account(caller.account, caller.tier));
  if (!limits) co_return std::move(limits).error();
  view.buckets.reserve(limits->size());
  for (const BucketLimits& bucket : *limits) view.buckets.push_back(view_of(bucket));
  co_return view;
}

}  // namespace driftstack::identity

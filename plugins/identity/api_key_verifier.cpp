#include "api_key_verifier.hpp"

#include <limits>
#include <utility>

#include "driftstack/support/random_bytes.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::identity {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

Error invalid_key() { return Error(Errc::invalid_key, "The API key is not known."); }
Error expired_key() { return Error(Errc::expired_key, "The API key has expired."); }

/// A token without an API key's mark. Web sessions and OAuth tokens are not issued by this version, so none of them is valid.
Error not_a_credential() { return Error(Errc::unauthorized, "The bearer token is not a valid credential."); }

Principal principal_of(const Credential& credential) {
  Principal principal;
  principal.account = credential.key.account;
  principal.credential = credential.key.id;
  principal.scopes = to_set(credential.key.scopes);
  principal.tier = TierSlug(credential.tier);
  principal.kind = CredentialKind::api_key;
  principal.effective_account = principal.account;
  principal.effective_tier = principal.tier;
  principal.role = TeamRole::owner;
  return principal;
}

}  // namespace

AsyncResult<KeySecrets> KeyDigests::make(std::string_view token) const {
  KeySecrets secrets;
  secrets.gate = gate(token);
  fill_random(std::as_writable_bytes(std::span(secrets.hash.salt)));
  HashRequest request(token, secrets.hash.salt, secrets.hash.cost);
  auto key = co_await pool_.derive(std::move(request));
  if (!key) co_return std::move(key).error();
  secrets.hash.key = *key;
  co_return secrets;
}

AsyncResult<bool> KeyDigests::matches(std::string_view token, StoredHash hash) const {
  HashRequest request(token, hash.salt, hash.cost);
  auto key = co_await pool_.derive(std::move(request));
  if (!key) co_return std::move(key).error();
  co_return constant_time_equal(as_text(*key), as_text(hash.key));
}

std::optional<Result<Principal>> ApiKeyVerifier::verify_now(std::string_view token) noexcept {
  auto outcome = from_memory(token);
  if (outcome) parts_.outcomes.count(*outcome);
  return outcome;
}

AsyncResult<Principal> ApiKeyVerifier::verify(const Call& call, std::string token) {
  auto outcome = co_await from_store(call, token);
  wipe(token.data(), token.size());
  parts_.outcomes.count(outcome);
  co_return outcome;
}

std::optional<Result<Principal>> ApiKeyVerifier::from_memory(std::string_view token) noexcept {
  if (!claims_to_be_api_key(token)) return not_a_credential();
  const auto prefix = prefix_of(token);
  if (!prefix) return invalid_key();
  const auto known = parts_.verified.find(*prefix);
  if (!known) return std::nullopt;
  const Principal& principal = known->principal;
  if (!parts_.versions.unchanged_since(known->stamp, principal.credential) ||
      !parts_.versions.unchanged_since(known->stamp, principal.account) || !parts_.versions.is_current(parts_.clock.steady())) {
    return std::nullopt;
  }
  // Prefixes are unique, so another secret behind this one is no key at all.
  if (!constant_time_equal(as_text(parts_.digests.gate(token)), as_text(known->gate))) return invalid_key();
  const std::int64_t now = parts_.clock.unix_micros();
  if (known->expires_at <= now) return expired_key();
  if (now - known->used_at >= kUseInterval) parts_.verified.note_use(*prefix, now);
  return principal;
}

AsyncResult<Principal> ApiKeyVerifier::from_store(const Call& call, std::string_view token) {
  if (!claims_to_be_api_key(token)) co_return not_a_credential();
  const auto prefix = prefix_of(token);
  if (!prefix) co_return invalid_key();

  const ChangeStamp stamp = parts_.versions.now();  // before the row is read
  auto found = co_await parts_.store.find_credential(call, std::string(view(*prefix)));
  if (!found) co_return std::move(found).error();
  if (!*found) co_return invalid_key();
  const Credential& credential = **found;
  const KeySecrets& secrets = credential.secrets;
  if (!constant_time_equal(as_text(parts_.digests.gate(token)), as_text(secrets.gate))) co_return invalid_key();
  if (auto admitted = admit(credential, parts_.clock.unix_micros()); !admitted) {
    parts_.verified.forget(*prefix);
    co_return std::move(admitted).error();
  }

  const auto known = parts_.verified.find(*prefix);
  const bool is_proven = known && known->gate == secrets.gate && known->hash == secrets.hash.key;
  if (!is_proven) {
    auto matches = co_await parts_.digests.matches(token, secrets.hash);
    if (!matches) co_return std::move(matches).error();
    if (!*matches) co_return invalid_key();
  }

  VerifiedKey verified;
  verified.gate = secrets.gate;
  verified.hash = secrets.hash.key;
  verified.principal = principal_of(credential);
  verified.expires_at = credential.key.expires_at.value_or(kNever);
  verified.stamp = stamp;
  verified.used_at = credential.key.last_used_at.value_or(0);
  parts_.verified.remember(*prefix, verified);
  parts_.verified.note_use(*prefix, parts_.clock.unix_micros());
  co_return verified.principal;
}

Result<> ApiKeyVerifier::admit(const Credential& credential, std::int64_t now) const {
  if (credential.key.revoked_at) return Error(Errc::revoked_key, "The API key was revoked.");
  if (credential.key.is_expired(now)) return expired_key();
  if (credential.status != AccountStatus::active) {
    return Error(Errc::forbidden, "The account is " + std::string(status_text(credential.status)) + ".");
  }
  const bool is_staff = to_set(credential.key.scopes).contains(Scope::driftstack_internal_admin);
  if (parts_.gate == ApiAccessGate::closed && !is_staff && !parts_.tiers.tier(credential.tier).caps.api_access) {
    return Error(Errc::forbidden, "The tier \"" + credential.tier + "\" has no feature \"apiAccess\".");
  }
  return Done();
}

}  // namespace driftstack::identity

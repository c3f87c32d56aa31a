#include "session_verifier.hpp"

#include <utility>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/secret_text.hpp"
#include "secret_token.hpp"

namespace driftstack::identity {
namespace {

Error not_signed_in() { return Error(Errc::unauthorized, "The web session is not known or has ended; sign in again."); }

Principal principal_of(const SessionCredential& credential) {
  Principal principal;
  principal.account = credential.session.account;
  principal.credential = credential.session.id;
  principal.scopes = ScopeSet{Scope::account_owner};  // identity.md 1.1
  principal.tier = TierSlug(credential.tier);
  principal.kind = CredentialKind::web_session;
  principal.effective_account = principal.account;
  principal.effective_tier = principal.tier;
  principal.role = TeamRole::owner;
  return principal;
}

}  // namespace

std::optional<Result<Principal>> SessionVerifier::verify_now(std::string_view token) noexcept {
  const auto known = parts_.verified.find(digest_of(token));
  if (!known) return std::nullopt;
  const Principal& principal = known->principal;
  if (!parts_.versions.unchanged_since(known->stamp, principal.credential) ||
      !parts_.versions.unchanged_since(known->stamp, principal.account) || !parts_.versions.is_current(parts_.clock.steady())) {
    return std::nullopt;
  }
  const std::int64_t now = parts_.clock.unix_micros();
  if (known->expires_at <= now) return std::nullopt;  // refused, and forgotten, by the full check
  if (now - known->used_at >= kUseInterval) parts_.verified.note_use(digest_of(token), now);
  const Result<Principal> outcome(principal);
  parts_.outcomes.count(outcome);
  return outcome;
}

AsyncResult<Principal> SessionVerifier::verify(const Call& call, std::string token) {
  const Digest digest = digest_of(token);
  wipe(token.data(), token.size());
  auto outcome = co_await from_store(call, digest);
  if (!outcome) parts_.verified.forget(digest);
  parts_.outcomes.count(outcome);
  co_return outcome;
}

AsyncResult<Principal> SessionVerifier::from_store(const Call& call, Digest digest) {
  const ChangeStamp stamp = parts_.versions.now();  // before the row is read
  auto found = co_await parts_.store.find_session(call, base64url_encode(as_text(digest)));
  if (!found) co_return std::move(found).error();
  if (!*found) co_return not_signed_in();
  const SessionCredential& credential = **found;
  const std::int64_t now = parts_.clock.unix_micros();
  if (credential.session.revoked_at || credential.session.expires_at <= now || !credential.is_verified) co_return not_signed_in();
  if (credential.status != AccountStatus::active) {
    co_return Error(Errc::forbidden, "The account is " + std::string(status_text(credential.status)) + ".");
  }
  VerifiedSession verified;
  verified.principal = principal_of(credential);
  verified.expires_at = credential.session.expires_at;
  verified.stamp = stamp;
  verified.used_at = credential.session.last_used_at;
  parts_.verified.remember(digest, verified);
  parts_.verified.note_use(digest, now);
  co_return verified.principal;
}

}  // namespace driftstack::identity

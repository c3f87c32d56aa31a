#pragma once
// From a bearer token to a Principal: shape, look-up by prefix, keyed digest, scrypt once, then memory.

#include <optional>
#include <string>
#include <string_view>

#include "auth_outcomes.hpp"
#include "credential_versions.hpp"
#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/principal.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"
#include "hashing_pool.hpp"
#include "records.hpp"
#include "store.hpp"
#include "tiers.hpp"
#include "verified_keys.hpp"

namespace driftstack::identity {

/// May a tier without API access use keys? identity.md 8.4.
enum class ApiAccessGate : std::uint8_t { closed, open };

/// Makes the digests under which a key is stored and checked. [any-thread]
class KeyDigests {
 public:
  KeyDigests(Secrets& secrets, HashingPool& pool) noexcept : secrets_(secrets), pool_(pool) {}
  /// Under a key of the host, so that a stolen table does not help to find secrets.
  Digest gate(std::string_view token) const noexcept { return secrets_.mac("identity.api-key", token); }
  /// Both digests of a new key, with a fresh salt. Errc::feature_unavailable when the hashing queue is full.
  AsyncResult<KeySecrets> make(std::string_view token) const;
  /// Does the token match? Costs one scrypt.
  AsyncResult<bool> matches(std::string_view token, StoredHash hash) const;

 private:
  Secrets& secrets_;
  HashingPool& pool_;
};

class ApiKeyVerifier {
 public:
  struct Parts {
    Store& store;
    const KeyDigests& digests;
    Clock& clock;
    VerifiedKeys& verified;
    CredentialVersions& versions;
    const Tiers& tiers;
    AuthOutcomes& outcomes;
    ApiAccessGate gate;
  };
  explicit ApiKeyVerifier(Parts parts) noexcept : parts_(parts) {}

  /// Answers from memory. Nothing when the key was not checked yet, when anything about it or its account moved since, or when news from
  /// other processes may be missing. No allocation unless it refuses. [io-thread]
  std::optional<Result<Principal>> verify_now(std::string_view token) noexcept;
  /// Looks at the row; runs scrypt only for a token that was not verified against this very hash. [io-thread]
  AsyncResult<Principal> verify(const Call& call, std::string token);

 private:
  std::optional<Result<Principal>> from_memory(std::string_view token) noexcept;
  AsyncResult<Principal> from_store(const Call& call, std::string_view token);
  Result<> admit(const Credential& credential, std::int64_t now) const;

  Parts parts_;
};

}  // namespace driftstack::identity

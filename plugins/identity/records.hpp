#pragma once
// Accounts and API keys as they are stored.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api_key.hpp"
#include "driftstack/host.hpp"
#include "driftstack/scope.hpp"
#include "driftstack/support/public_id.hpp"
#include "driftstack/uuid.hpp"
#include "scrypt.hpp"

namespace driftstack::identity {

using AccountId = PublicId<"acc">;
using KeyId = PublicId<"key">;
using MembershipId = PublicId<"mem">;
using WebSessionId = PublicId<"wsess">;

enum class AccountStatus : std::uint8_t { active, suspended, deleted };

/// One account. Times are unix microseconds everywhere in this plugin.
struct Account {
  Uuid id;
  std::string email;
  std::string tier;
  AccountStatus status = AccountStatus::active;
  std::optional<std::string> name, timezone, slug, region;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> email_verified_at;  ///< empty: nobody proved the mailbox yet, and nobody may sign in
};

/// Scopes in the order in which they were asked for; a `ScopeSet` decides, this is what is shown.
using ScopeList = std::vector<Scope>;

ScopeSet to_set(const ScopeList& scopes) noexcept;
ScopeList to_list(ScopeSet scopes);
/// Names separated by one space, as stored. A name that this version does not know is dropped: it can grant nothing here.
std::string to_text(const ScopeList& scopes);
ScopeList scopes_from_text(std::string_view text);

/// One API key, without what only the verifier reads.
struct ApiKeyRecord {
  Uuid id;
  Uuid account;
  std::optional<Uuid> created_by;  ///< identity.md 8.5: who made it, empty when nobody was recorded
  std::string name;
  std::string key_prefix;
  ScopeList scopes;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> expires_at, revoked_at, last_used_at;

  bool is_expired(std::int64_t now) const noexcept { return expires_at && *expires_at <= now; }
};

/// The two digests of a key's plaintext.
struct KeySecrets {
  Digest gate{};  ///< keyed digest under the master key: a wrong secret is refused here, before the slow hash
  StoredHash hash;
};

/// A key with everything that decides whether it may pass.
struct Credential {
  ApiKeyRecord key;
  KeySecrets secrets;
  std::string tier;
  AccountStatus status = AccountStatus::active;
};

std::string_view status_text(AccountStatus status) noexcept;

}  // namespace driftstack::identity

#pragma once
// The life of API keys: made, listed, rotated, revoked. identity.md 8.3.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api_key_verifier.hpp"
#include "driftstack/call.hpp"
#include "driftstack/http.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/task.hpp"
#include "minting_policy.hpp"
#include "records.hpp"
#include "store.hpp"
#include "tiers.hpp"

namespace driftstack::identity {

inline constexpr std::int64_t kRotationGrace = std::int64_t{24} * 3600 * 1'000'000;  // identity.md 8.3, in microseconds

/// What a key is to be.
struct KeyWish {
  KeyWish(std::string name, ScopeList scopes) : name(std::move(name)), scopes(std::move(scopes)) {}
  std::string name;
  ScopeList scopes;
  std::optional<std::int64_t> expires_at;
};

/// A new key with the only copy of its plaintext.
struct MintedKey {
  ApiKeyRecord record;
  std::string plaintext;
};

struct RotatedKey {
  MintedKey successor;
  Uuid predecessor;
  std::int64_t grace_end = 0;
};

/// Callers come from `call.principal()`; every change leaves its audit entry in its own transaction. `keyed` may be null. [io-thread]
class ApiKeys {
 public:
  struct Parts {
    Store& store;
    const KeyDigests& digests;
    AuditLog& audit;
    Clock& clock;
    CredentialVersions& versions;
    const Tiers& tiers;
    ApiAccessGate gate;
  };
  explicit ApiKeys(Parts parts) noexcept : parts_(parts) {}

  AsyncResult<MintedKey> mint(const Call& call, KeyWish wish, IdempotencyRecord* keyed);
  /// Without a name the successor keeps the old one. not_found, conflict (revoked or expired), forbidden.
  AsyncResult<RotatedKey> rotate(const Call& call, Uuid key, std::optional<std::string> name, IdempotencyRecord* keyed);
  /// Idempotent. not_found.
  AsyncResult<> revoke(const Call& call, Uuid key);
  AsyncResult<std::vector<ApiKeyRecord>> list(const Call& call);

  /// By the operator, without a caller: any scope, no tier feature, entry with actor `staff`.
  AsyncResult<MintedKey> mint_for(const Call& call, Account account, KeyWish wish);
  AsyncResult<> revoke_for(const Call& call, Uuid account, Uuid key);

  /// A key that exists nowhere yet: random plaintext, both digests, a fresh id.
  struct Draft {
    MintedKey key;
    KeySecrets secrets;
  };
  AsyncResult<Draft> make_draft(Uuid account, std::string tier, std::optional<Uuid> creator, KeyWish wish) const;

 private:
  struct Minter {
    MinterStanding standing = MinterStanding::owner;
    std::optional<Uuid> creator;
    std::optional<Uuid> member() const noexcept { return standing == MinterStanding::member ? creator : std::nullopt; }
  };
  /// What one transaction writes beside the key.
  struct Insertion {
    Draft draft;
    AuditEntry entry;
    std::optional<std::int64_t> cap;  ///< of live keys
    IdempotencyRecord* keyed;
    std::optional<Uuid> member = {};  ///< the key is a team member's, who must still be one
  };

  Result<> check_tier(const Principal& caller) const;
  AsyncResult<Minter> minter_of(const Call& call) const;
  AsyncResult<> commit_minted(const Call& call, Insertion& insertion);
  AsyncResult<> commit_rotated(const Call& call, Insertion& insertion, RotatedKey& rotated);
  /// forbidden when the member lost the role since the request came in.
  AsyncResult<> hold_membership(db::Transaction& transaction, const Insertion& insertion);
  AsyncResult<> insert(db::Transaction& transaction, const Insertion& insertion, ChangeNumber change);
  AsyncResult<> revoke_as(const Call& call, Uuid key, AuditEntry entry);

  Parts parts_;
};

}  // namespace driftstack::identity

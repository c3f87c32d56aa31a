#pragma once
// API keys in the operator's hands: the first keys of an empty store, and what `driftstack key create|list|revoke` does.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/scope.hpp"
#include "driftstack/task.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack {
inline namespace v1 {

/// The first account and its keys. The only moment at which these plaintexts exist: write them to a file of mode 0600, never to a log.
struct BootstrapKeys {
  BootstrapKeys(const Uuid& account, std::string owner_key, std::string staff_key)
      : account(account), owner_key(std::move(owner_key)), staff_key(std::move(staff_key)) {}
  Uuid account;
  std::string owner_key;  ///< scope `account_owner`
  std::string staff_key;  ///< scope `driftstack_internal_admin`
};

/// A key as the operator asks for it.
struct KeySpec {
  KeySpec(std::string name, ScopeSet scopes) : name(std::move(name)), scopes(scopes) {}
  std::optional<Uuid> account;             ///< empty: the oldest account, which a self-hosted server starts with
  std::string name;                        ///< 1 to 120 characters
  ScopeSet scopes;                         ///< customer scopes; must be empty when `staff` is set
  bool staff = false;                      ///< a key with exactly the staff scope
  std::optional<std::int64_t> expires_at;  ///< unix microseconds, in the future
};

/// A key as it is listed; never its plaintext.
struct KeyRecord {
  Uuid id;
  Uuid account;
  std::string name;
  std::string key_prefix;  ///< first 14 characters of the plaintext
  ScopeSet scopes;
  std::int64_t created_at = 0;  ///< unix microseconds, as all times here
  std::optional<std::int64_t> last_used_at, expires_at, revoked_at;
};

/// A key that was just made.
struct CreatedKey {
  CreatedKey(KeyRecord record, std::string plaintext) : record(std::move(record)), plaintext(std::move(plaintext)) {}
  KeyRecord record;
  std::string plaintext;  ///< shown once
};

/// Implemented by `identity`. Works in a process of its own beside a running server on the same store: that server accepts a new key on its
/// next use and refuses a revoked one within a second. Every change leaves an audit entry with actor `staff`.
///
/// Errors: validation_failed (name, scopes, expiry), not_found (account, key), feature_unavailable (hashing queue full).
class KeyAdministration {
 public:
  static constexpr InterfaceId kId{"key.administration", 1};

  /// Makes the first account (tier `enterprise`) with an owner key and a staff key. Nothing when an account exists already; of several
  /// servers that start on one empty store exactly one gets the keys. [io-thread]
  virtual AsyncResult<std::optional<BootstrapKeys>> bootstrap(const Call& call) = 0;
  /// Makes a key for an account and answers its plaintext. [io-thread]
  virtual AsyncResult<CreatedKey> create_key(const Call& call, KeySpec spec) = 0;
  /// All keys of one account, or of all accounts; newest first. [io-thread]
  virtual AsyncResult<std::vector<KeyRecord>> list_keys(const Call& call, std::optional<Uuid> account) = 0;
  /// Revokes for ever; a key that is revoked already stays as it is. [io-thread]
  virtual AsyncResult<> revoke_key(const Call& call, Uuid key) = 0;

 protected:
  ~KeyAdministration() = default;
};

}  // namespace v1
}  // namespace driftstack

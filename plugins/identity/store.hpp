#pragma once
// The SQL about accounts and API keys, as functions on records. People and mails have stores of their own.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/task.hpp"
#include "records.hpp"
#include "verified_credentials.hpp"

namespace driftstack::identity {

/// A number in the order of commits: every change of a key, a web session or an account's tier or status takes the next one in its
/// transaction.
/// A server polls for numbers beyond the last that it saw and so learns of changes made by other processes.
using ChangeNumber = std::int64_t;

struct RemoteChange {
  ChangeNumber number = 0;
  Uuid id;  ///< of the key, web session or account
};

/// A field of an account that an edit may leave alone (empty), clear (inner empty) or set.
using Edit = std::optional<std::optional<std::string>>;

struct AccountEdit {
  Edit name, timezone, slug, region;
};

/// Whose row holds when it was last used.
enum class UsedCredential : std::uint8_t { api_key, web_session };

/// Outside of transactions. Errors are those of the database. [io-thread]
class Store {
 public:
  explicit Store(db::Database& database) noexcept : database_(database) {}

  db::Database& database() noexcept { return database_; }
  AsyncResult<> migrate(const Call& call);

  AsyncResult<std::optional<Credential>> find_credential(const Call& call, std::string key_prefix);
  AsyncResult<std::optional<ApiKeyRecord>> find_key(const Call& call, Uuid account, Uuid key);
  AsyncResult<std::optional<ApiKeyRecord>> find_any_key(const Call& call, Uuid key);
  /// Newest first.
  AsyncResult<std::vector<ApiKeyRecord>> list_keys(const Call& call, Uuid account);
  AsyncResult<std::vector<ApiKeyRecord>> list_all_keys(const Call& call);

  AsyncResult<std::optional<Account>> find_account(const Call& call, Uuid id);
  AsyncResult<std::optional<Account>> oldest_account(const Call& call);
  /// Applies the edit and answers the account, or nothing when there is none. Errc::conflict with `kSlugTaken`.
  AsyncResult<std::optional<Account>> edit_account(const Call& call, Uuid id, AccountEdit edit);

  AsyncResult<ChangeNumber> last_change(const Call& call);
  AsyncResult<std::vector<RemoteChange>> changes_since(const Call& call, ChangeNumber number);
  AsyncResult<> write_uses(const Call& call, UsedCredential kind, std::vector<CredentialUse> uses);

 private:
  db::Database& database_;
};

/// Inside of a transaction.
namespace in_transaction {

/// The name of the lock under which the keys of an account change.
std::string keys_lock(const Uuid& account);
inline constexpr const char* kBootstrapLock = "identity.bootstrap:";

AsyncResult<ChangeNumber> next_change(db::Transaction& transaction);
AsyncResult<std::optional<Account>> oldest_account(db::Transaction& transaction);
/// Errc::conflict with `kEmailTaken`.
AsyncResult<> insert_account(db::Transaction& transaction, Account account, std::optional<StoredHash> password, ChangeNumber change);
AsyncResult<std::optional<ApiKeyRecord>> find_key(db::Transaction& transaction, Uuid account, Uuid key);
AsyncResult<std::int64_t> count_live_keys(db::Transaction& transaction, Uuid account, std::int64_t now);
/// Errc::conflict with `kPrefixTaken`.
AsyncResult<> insert_key(db::Transaction& transaction, ApiKeyRecord key, KeySecrets secrets, ChangeNumber change);
/// False when the key is not there or revoked already.
AsyncResult<bool> revoke_key(db::Transaction& transaction, Uuid account, Uuid key, std::int64_t now, ChangeNumber change);
/// Every key of an account that is not revoked yet.
AsyncResult<> revoke_keys(db::Transaction& transaction, Uuid account, std::int64_t now, ChangeNumber change);
/// False when the key is not there, revoked or expired.
AsyncResult<bool> end_key_at(db::Transaction& transaction, Uuid account, Uuid key, std::int64_t end, std::int64_t now, ChangeNumber change);

}  // namespace in_transaction

}  // namespace driftstack::identity

#pragma once
// The SQL of this plugin.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/task.hpp"
#include "records.hpp"

namespace driftstack::mfa_totp {

/// Outside of transactions. [io-thread]
class Store {
 public:
  explicit Store(db::Database& database) noexcept : database_(database) {}

  db::Database& database() noexcept { return database_; }
  AsyncResult<> migrate(const Call& call);

  AsyncResult<std::optional<Factor>> find_factor(const Call& call, Uuid account);
  /// Stores a pending seed in place of another pending one. False when the account has a factor already.
  AsyncResult<bool> put_pending(const Call& call, Uuid account, SealedSeed seed, std::int64_t now);
  AsyncResult<std::int64_t> count_unused_codes(const Call& call, Uuid account);
  AsyncResult<std::optional<Challenge>> find_challenge(const Call& call, std::string digest);
  /// The ids of all keys under which a seed is sealed.
  AsyncResult<std::vector<std::string>> list_keys(const Call& call);

 private:
  db::Database& database_;
};

/// Inside of a transaction, after SignInDesk::hold.
namespace in_transaction {

AsyncResult<std::optional<Factor>> find_factor(db::Transaction& transaction, Uuid account);
/// Makes the pending factor with this seed the account's factor. False when it is not there any more.
AsyncResult<bool> enrol(db::Transaction& transaction, const Factor& pending, std::int64_t now, Step step, std::string recovery_salt);
/// Accepts a step. False when it, or a later one, was accepted before.
AsyncResult<bool> accept_step(db::Transaction& transaction, Uuid account, Step step, std::int64_t now);
AsyncResult<> set_used(db::Transaction& transaction, Uuid account, std::int64_t now);
/// False when the account has no factor that works.
AsyncResult<bool> set_recovery_salt(db::Transaction& transaction, Uuid account, std::string salt);
AsyncResult<> pause(db::Transaction& transaction, Uuid account, std::int64_t until);
AsyncResult<> remove_factor(db::Transaction& transaction, Uuid account);

AsyncResult<> insert_codes(db::Transaction& transaction, Uuid account, std::vector<std::string> digests, std::int64_t now);
/// Uses a code up. False when it was used before, or is none.
AsyncResult<bool> claim_code(db::Transaction& transaction, Uuid account, std::string digest, std::int64_t now);
AsyncResult<std::int64_t> count_unused_codes(db::Transaction& transaction, Uuid account);
/// Uses up every code that is left.
AsyncResult<> consume_codes(db::Transaction& transaction, Uuid account, std::int64_t now);
AsyncResult<> remove_unused_codes(db::Transaction& transaction, Uuid account);
AsyncResult<> remove_codes(db::Transaction& transaction, Uuid account);

AsyncResult<> insert_challenge(db::Transaction& transaction, Challenge challenge);
AsyncResult<bool> has_challenge(db::Transaction& transaction, std::string digest, std::int64_t now);
/// Counts a failure and answers how many there are.
AsyncResult<std::int64_t> fail_challenge(db::Transaction& transaction, std::string digest);
AsyncResult<> remove_challenge(db::Transaction& transaction, std::string digest);
/// Those that ended before; all of them with a time that never comes.
AsyncResult<> remove_challenges(db::Transaction& transaction, Uuid account, std::int64_t expired_before);

/// Counts a failure of the account and answers how many there are in the window that ends now.
AsyncResult<std::int64_t> fail_account(db::Transaction& transaction, Uuid account, std::int64_t now);
AsyncResult<> remove_failures(db::Transaction& transaction, Uuid account);

}  // namespace in_transaction

}  // namespace driftstack::mfa_totp

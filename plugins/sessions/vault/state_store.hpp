#pragma once
// Rows of the tables `profile_states` and `profile_account_keys`: all SQL of the vault. [io-thread]

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "vault/profile_vault.hpp"

namespace driftstack::sessions {

struct StateRow {
  StoredState state;
  std::string wrapped_key;
};

class StateStore {
 public:
  explicit StateStore(db::Database& database) noexcept : database_(database) {}

  AsyncResult<std::optional<StateRow>> find(const Call& call, const ProfileRef& profile);
  /// Names of the files that rows speak of.
  AsyncResult<std::vector<std::string>> file_names(const Call& call);
  AsyncResult<std::optional<std::string>> find_account_key(const Call& call, const Uuid& account);
  /// Keeps the key unless the account has one; answers the one that it has.
  AsyncResult<std::string> keep_account_key(const Call& call, const Uuid& account, const std::string& sealed, std::int64_t now);
  /// Makes `next` the current state if `before` is. False when something else is; nothing has changed then.
  static AsyncResult<bool> replace(db::Transaction& tx, const ProfileRef& profile, std::int64_t before, const StateRow& next);
  static AsyncResult<> remove(db::Transaction& tx, const ProfileRef& profile);
  static AsyncResult<> remove_account_key(db::Transaction& tx, const Uuid& account);

  db::Database& database() noexcept { return database_; }

 private:
  db::Database& database_;
};

}  // namespace driftstack::sessions

#pragma once
// All SQL of this plugin, as functions on entries and heads.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/support/cursor.hpp"
#include "driftstack/task.hpp"
#include "entry.hpp"

namespace driftstack::audit {

/// Which entries of one account, newest first.
struct EntryQuery {
  EntryQuery(const Uuid& account, CursorPosition before) : account(account), before(std::move(before)) {}
  Uuid account;
  CursorPosition before;  ///< entries behind this place
  std::int64_t from = 0;  ///< unix microseconds, inclusive
  std::optional<std::string> action, actor, target;
  std::int64_t limit = 0;
};

/// A head with its account.
struct AccountHead {
  Uuid account;
  Head head;
};

/// [io-thread] Errors are those of the database.
class Store {
 public:
  explicit Store(db::Database& database) noexcept : database_(database) {}
  AsyncResult<> migrate(const Call& call);

  AsyncResult<std::vector<StoredEntry>> newest(const Call& call, EntryQuery query);

  /// In the order of the chain: those numbered above `after`, at most `kWalkPage`.
  AsyncResult<std::vector<StoredEntry>> chain(const Call& call, Uuid account, std::int64_t after);
  static constexpr std::int64_t kWalkPage = 500;
  /// Heads of accounts behind `after` in the order of ids, at most `kHeadPage`.
  AsyncResult<std::vector<AccountHead>> heads(const Call& call, std::string after);
  static constexpr std::int64_t kHeadPage = 200;
  AsyncResult<std::optional<Head>> head(const Call& call, Uuid account);
  /// An account that has entries and no head.
  AsyncResult<std::optional<Uuid>> account_without_head(const Call& call);

 private:
  db::Database& database_;
};

namespace in_transaction {

AsyncResult<std::optional<Head>> head(db::Transaction& transaction, Uuid account);
AsyncResult<> insert(db::Transaction& transaction, StoredEntry entry);
AsyncResult<> put_head(db::Transaction& transaction, Uuid account, Head head);

}  // namespace in_transaction

}  // namespace driftstack::audit

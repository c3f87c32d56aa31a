#pragma once
// Idempotency keys (platform.md 6): reserved before the work, completed with it, replayed afterwards.

#include <chrono>
#include <coroutine>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/task.hpp"

namespace driftstack::kernel {

/// Reads and checks the header: nothing when absent or blank, an Error when malformed.
Result<std::optional<std::string>> idempotency_key(std::string_view header_value);

/// The durable memory of keyed requests. One per server; all methods [io-thread].
class IdempotencyStore {
 public:
  /// `database` outlives the store. `node` names this server among those on one database, the same after each restart. Call `prepare`
  /// before the first request.
  IdempotencyStore(db::Database& database, Scheduler& scheduler, Clock& clock, std::string node)
      : database_(database), scheduler_(scheduler), clock_(clock), node_(std::move(node)) {}

  /// Makes the table and frees what this server had reserved when it crashed; what other servers reserved stays theirs.
  AsyncResult<> prepare(const Call& call);

  /// Whose key on which operation, and the digest of what was asked.
  struct Key {
    std::string account;  ///< effective account
    std::string route;    ///< `POST /v1/sessions`
    std::string value;
    std::string digest;
    std::string memory_key() const { return account + '\n' + route + '\n' + value; }
  };

  /// The record of one keyed request that is being executed. `finish` must be awaited before it is destroyed.
  class Record final : public IdempotencyRecord {
   public:
    Record(IdempotencyStore& store, Key key, bool secret) : store_(store), key_(std::move(key)), secret_(secret) {}
    AsyncResult<> complete(db::Transaction& transaction, int status, std::string body, std::string resource_id) override;
    /// Keeps a 2xx answer (unless the handler completed the record itself), frees the key for any other, and wakes who waits for it.
    AsyncResult<> finish(const Call& call, const Result<Response>& answer);

   private:
    IdempotencyStore& store_;
    Key key_;
    bool secret_;
    bool completed_by_handler_ = false;
  };

  /// Either the right to execute (a record) or the answer to give instead.
  struct Claim {
    std::unique_ptr<Record> record;
    std::optional<Response> replay;
  };
  /// Reserves the key. While another request with the same key runs on this server it waits for that one. Errors: conflict with
  /// `idempotency_status` (`mismatch`, `completed`, `in_progress`).
  AsyncResult<Claim> claim(const Call& call, Key key, Idempotency kind);

  /// Deletes expired keys; called by the housekeeping worker. Answers how many went.
  AsyncResult<std::int64_t> purge(const Call& call);

 private:
  struct Waiter {
    std::coroutine_handle<> handle;
    IoThread thread;
  };
  class Turn;
  bool try_enter(const std::string& memory_key);
  void leave(const std::string& memory_key);
  AsyncResult<Claim> reserve(const Call& call, Key key, Idempotency kind);
  static Result<Claim> answer_from_row(const db::Row& row, const Key& key);

  db::Database& database_;
  Scheduler& scheduler_;
  Clock& clock_;
  const std::string node_;
  std::mutex mutex_;
  std::map<std::string, std::vector<Waiter>> running_;
};

}  // namespace driftstack::kernel

#include "kernel/pipeline/idempotency.hpp"

#include "driftstack/support/json.hpp"

namespace driftstack::kernel {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;

constexpr std::size_t kMostKeyLength = 255;                                                      // platform.md 6
constexpr std::int64_t kLifetime = std::chrono::duration_cast<microseconds>(hours(24)).count();  // platform.md 6: generic lifetime
// A reservation of a server that never came back is free after this time; no request runs so long (its deadline is 150 s).
constexpr std::int64_t kLease = std::chrono::duration_cast<microseconds>(std::chrono::minutes(10)).count();

constexpr db::Migration kMigrations[] = {
    {1, "idempotency keys", R"(
CREATE TABLE kernel_idempotency (
  account text NOT NULL,
  route text NOT NULL,
  key text NOT NULL,
  digest text NOT NULL,
  completed boolean NOT NULL,
  status bigint NOT NULL,
  body text NOT NULL,
  resource_id text,
  expires_at bigint NOT NULL,
  CONSTRAINT kernel_idempotency_pkey PRIMARY KEY (account, route, key)
);
CREATE INDEX kernel_idempotency_expires_at ON kernel_idempotency (expires_at);
)"},
    {2, "node of a reservation", "ALTER TABLE kernel_idempotency ADD COLUMN node text NOT NULL DEFAULT ''"}};

// Rows without a node were reserved by a server that did not write one; it has ended, for this one has its place.
constinit const db::Statement kFreeOwnReserved("DELETE FROM kernel_idempotency WHERE completed = FALSE AND node IN ($1, '')");
constinit const db::Statement kInsertReservation(
    "INSERT INTO kernel_idempotency (account, route, key, digest, completed, status, body, resource_id, expires_at, node) "
    "VALUES ($1, $2, $3, $4, FALSE, 0, '', NULL, $5, $6) "
    "ON CONFLICT (account, route, key) DO UPDATE SET digest = excluded.digest, completed = FALSE, status = 0, body = '', resource_id = "
    "NULL, "
    "expires_at = excluded.expires_at, node = excluded.node WHERE kernel_idempotency.expires_at <= $7 RETURNING key");
constinit const db::Statement kFind(
    "SELECT digest, completed, status, body, resource_id FROM kernel_idempotency WHERE account = $1 AND route = $2 AND key = $3");
constinit const db::Statement kComplete(
    "UPDATE kernel_idempotency SET completed = TRUE, status = $4, body = $5, resource_id = $6, expires_at = $7 "
    "WHERE account = $1 AND route = $2 AND key = $3 AND completed = FALSE");
constinit const db::Statement kFree("DELETE FROM kernel_idempotency WHERE account = $1 AND route = $2 AND key = $3 AND completed = FALSE");
constinit const db::Statement kPurge(
    "DELETE FROM kernel_idempotency WHERE key IN (SELECT key FROM kernel_idempotency WHERE expires_at <= $1 LIMIT 500) AND expires_at <= "
    "$1");

Error conflict(std::string_view status, std::string detail, const std::optional<std::string>& resource_id = std::nullopt) {
  std::string members = "\"idempotency_status\":\"" + std::string(status) + "\"";
  if (resource_id) {
    members += ",\"resource_id\":";
    wire::append_json_string(members, *resource_id);
  }
  return Error(Errc::conflict, std::move(detail)).with_members(std::move(members));
}

}  // namespace

Result<std::optional<std::string>> idempotency_key(std::string_view header_value) {
  while (!header_value.empty() && (header_value.front() == ' ' || header_value.front() == '\t')) header_value.remove_prefix(1);
  while (!header_value.empty() && (header_value.back() == ' ' || header_value.back() == '\t')) header_value.remove_suffix(1);
  if (header_value.empty()) return std::optional<std::string>();
  if (header_value.size() > kMostKeyLength) return Error(Errc::bad_request, "The Idempotency-Key header must have at most 255 characters.");
  for (const char c : header_value)
    if (c <= ' ' || c > '~') return Error(Errc::bad_request, "The Idempotency-Key header must be printable ASCII without white space.");
  return std::optional<std::string>(header_value);
}

AsyncResult<> IdempotencyStore::prepare(const Call& call) {
  auto migrated = co_await database_.migrate(call, "kernel", kMigrations);
  if (!migrated) co_return std::move(migrated).error();
  auto values = db::values(node_);
  auto freed = co_await database_.write(call, kFreeOwnReserved, std::move(values));
  if (!freed) co_return std::move(freed).error();
  co_return Done();
}

// ---------------------------------------------------------------- one at a time per key on this server

/// Awaits the end of the request that runs under a key.
class IdempotencyStore::Turn {
 public:
  Turn(IdempotencyStore& store, const std::string& memory_key) : store_(store), memory_key_(memory_key) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle) {
    const std::lock_guard lock(store_.mutex_);
    const auto found = store_.running_.find(memory_key_);
    if (found == store_.running_.end()) return false;  // ended in the meantime
    found->second.push_back(Waiter{handle, store_.scheduler_.current_io_thread()});
    return true;
  }
  void await_resume() const noexcept {}

 private:
  IdempotencyStore& store_;
  const std::string& memory_key_;
};

bool IdempotencyStore::try_enter(const std::string& memory_key) {
  const std::lock_guard lock(mutex_);
  return running_.try_emplace(memory_key).second;
}

void IdempotencyStore::leave(const std::string& memory_key) {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(memory_key);
    if (found == running_.end()) return;
    waiters = std::move(found->second);
    running_.erase(found);
  }
  for (const auto& waiter : waiters) scheduler_.resume_on_io(waiter.thread, waiter.handle);
}

// ---------------------------------------------------------------- claim

AsyncResult<IdempotencyStore::Claim> IdempotencyStore::claim(const Call& call, Key key, Idempotency kind) {
  const auto memory_key = key.memory_key();
  while (!try_enter(memory_key)) {
    if (call.cancelled() || clock_.steady() >= call.deadline())
      co_return conflict("in_progress", "A request with this Idempotency-Key is still running.");
    Turn turn(*this, memory_key);
    co_await turn;
  }
  auto claimed = co_await reserve(call, std::move(key), kind);
  if (!claimed || !claimed->record) leave(memory_key);
  co_return claimed;
}

AsyncResult<IdempotencyStore::Claim> IdempotencyStore::reserve(const Call& call, Key key, Idempotency kind) {
  const auto now = clock_.unix_micros();
  auto values = db::values(key.account, key.route, key.value, key.digest, now + kLease, node_, now);
  auto inserted = co_await database_.write(call, kInsertReservation, std::move(values));
  if (!inserted) co_return std::move(inserted).error();
  if (!inserted->empty()) {
    Claim claim;
    claim.record = std::make_unique<Record>(*this, std::move(key), kind == Idempotency::secret);
    co_return claim;
  }
  auto lookup = db::values(key.account, key.route, key.value);
  auto rows = co_await database_.read(call, kFind, std::move(lookup));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return conflict("in_progress", "A request with this Idempotency-Key has just ended. Try again.");
  co_return answer_from_row((*rows)[0], key);
}

Result<IdempotencyStore::Claim> IdempotencyStore::answer_from_row(const db::Row& row, const Key& key) {
  if (row.text(0) != key.digest) return conflict("mismatch", "This Idempotency-Key was used with another request.");
  if (!row.boolean(1)) return conflict("in_progress", "A request with this Idempotency-Key is still running.");
  if (auto resource_id = row.maybe_text(4))
    return conflict("completed", "This request was carried out before; its answer held a secret and is not shown again.", resource_id);
  Claim claim;
  claim.replay.emplace(static_cast<int>(row.integer(2)), std::string(row.text(3)));
  claim.replay->headers.emplace_back("Idempotent-Replayed", "1");
  return claim;
}

// ---------------------------------------------------------------- record

AsyncResult<> IdempotencyStore::Record::complete(db::Transaction& transaction, int status, std::string body, std::string resource_id) {
  std::optional<std::string> shown_id;
  if (secret_) {
    body.clear();
    shown_id = std::move(resource_id);
  }
  auto values = db::values(key_.account, key_.route, key_.value, std::int64_t{status}, std::move(body), shown_id,
                           store_.clock_.unix_micros() + kLifetime);
  auto updated = co_await transaction.run(kComplete, std::move(values));
  if (!updated) co_return std::move(updated).error();
  completed_by_handler_ = true;
  co_return Done();
}

AsyncResult<> IdempotencyStore::Record::finish(const Call& call, const Result<Response>& answer) {
  Result<db::Rows> written = db::Rows();
  const bool keep = answer && answer->status >= 200 && answer->status < 300;
  if (keep && !completed_by_handler_) {
    std::optional<std::string> resource_id;
    if (secret_) resource_id.emplace();
    auto values = db::values(key_.account, key_.route, key_.value, std::int64_t{answer->status}, secret_ ? std::string() : answer->body,
                             resource_id, store_.clock_.unix_micros() + kLifetime);
    written = co_await store_.database_.write(call, kComplete, std::move(values));
  } else if (!keep) {
    // Frees a reservation only: a record that the handler's committed transaction completed stays.
    auto values = db::values(key_.account, key_.route, key_.value);
    written = co_await store_.database_.write(call, kFree, std::move(values));
  }
  store_.leave(key_.memory_key());
  if (!written) co_return std::move(written).error();
  co_return Done();
}

AsyncResult<std::int64_t> IdempotencyStore::purge(const Call& call) {
  auto values = db::values(clock_.unix_micros());
  auto purged = co_await database_.write(call, kPurge, std::move(values));
  if (!purged) co_return std::move(purged).error();
  co_return purged->changed();
}

}  // namespace driftstack::kernel

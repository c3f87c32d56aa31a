#include "jobs.hpp"

#include "driftstack/support/migration_plan.hpp"
#include "waking.hpp"

namespace driftstack::database_sqlite {
namespace {

constinit const db::Statement kCreateMigrations(
    "CREATE TABLE IF NOT EXISTS driftstack_migrations (plugin text NOT NULL, number bigint NOT NULL, name text NOT NULL, "
    "checksum text NOT NULL, applied_at bigint NOT NULL, PRIMARY KEY (plugin, number))");
constinit const db::Statement kReadMigrations("SELECT number, checksum FROM driftstack_migrations WHERE plugin = $1 ORDER BY number");
constinit const db::Statement kInsertMigration(
    "INSERT INTO driftstack_migrations (plugin, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)");
constinit const db::Statement kBegin("BEGIN IMMEDIATE");
constinit const db::Statement kCommit("COMMIT");
constinit const db::Statement kRollback("ROLLBACK");
constinit const db::Statement kBrokenForeignKeys("SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1");

Error misuse() { return Error(Errc::misuse, "a transaction body awaits nothing but its transaction"); }

}  // namespace

Job::Outcome WriteJob::run(Connection& connection) {
  auto rows = connection.run(statement_, values_);
  if (!rows) {
    fail(std::move(rows).error());
    return Outcome::failed;
  }
  rows_ = std::move(*rows);
  return Outcome::ok;
}

Job::Outcome BatchJob::run(Connection& connection) {
  rows_.clear();
  for (const auto& step : batch_.steps()) {
    auto rows = connection.run(*step.statement, step.values);
    if (!rows) {
      fail(std::move(rows).error());
      return Outcome::failed;
    }
    rows_.push_back(std::move(*rows));
  }
  return Outcome::ok;
}

Job::Outcome TransactionJob::run(Connection& connection) {
  connection_ = &connection;
  writer_ = std::this_thread::get_id();
  phase_.store(Phase::running, std::memory_order_relaxed);
  misused_.store(false, std::memory_order_relaxed);
  Log& log = log_;
  start(body_.run(*this), [this](Result<> result) { body_ended(std::move(result)); });
  if (phase_.exchange(Phase::writer_left, std::memory_order_acq_rel) == Phase::running) {
    // The body is suspended although its transaction has answered everything: it awaits something foreign. It may end at any moment, and
    // this job with it.
    log.error("A transaction body awaited something other than its transaction; it is rolled back.");
    return Outcome::abandoned;
  }
  // A body that came back before anybody looked did no harm unless it used the transaction from elsewhere.
  if (misused_.load(std::memory_order_relaxed)) fail(misuse());
  return has_failed() ? Outcome::failed : Outcome::ok;
}

void TransactionJob::body_ended(Result<> result) {
  // A failed statement fails the whole transaction on every engine, also if the body goes on as if nothing had happened.
  if (!result) fail(std::move(result).error());
  if (phase_.exchange(Phase::body_ended, std::memory_order_acq_rel) != Phase::writer_left) return;
  // The writer rolled back and went on. The caller waited until now, since the body refers to its frame.
  fail(misuse());
  wake(scheduler_, call(), waiter());
}

Result<> TransactionJob::check_use() {
  if (std::this_thread::get_id() == writer_) return Done();
  misused_.store(true, std::memory_order_relaxed);
  return misuse();
}

AsyncResult<db::Rows> TransactionJob::run(const db::Statement& statement, db::Values values) {
  if (auto usable = check_use(); !usable) co_return std::move(usable).error();
  if (has_failed()) co_return Error(Errc::misuse, "the transaction has failed already: return the error of the first failed statement");
  auto rows = connection_->run(statement, values);
  if (!rows) fail(Error(rows.error()));
  co_return rows;
}

AsyncResult<> TransactionJob::lock(std::string) {
  co_return check_use();  // one writer: every transaction holds every lock
}

Job::Outcome MigrateJob::run(Connection& connection) {
  auto migrated = migrate(connection);
  if (!migrated) {
    if (connection.in_transaction()) (void)connection.run(kRollback, db::Values());
    fail(std::move(migrated).error());
  }
  // Off during a rebuild of a table, else DROP TABLE would delete the rows that refer to it.
  if (auto on = connection.execute("PRAGMA foreign_keys = ON"); !on && !has_failed()) fail(std::move(on).error());
  if (auto loaded = connection.load_constraint_names(); !loaded && !has_failed()) fail(std::move(loaded).error());
  return has_failed() ? Outcome::failed : Outcome::ok;
}

Result<> MigrateJob::migrate(Connection& connection) {
  if (auto created = connection.run(kCreateMigrations, db::Values()); !created) return std::move(created).error();
  auto rows = connection.run(kReadMigrations, db::values(plugin_));
  if (!rows) return std::move(rows).error();
  std::vector<db::AppliedMigration> applied;
  for (std::size_t i = 0; i < rows->size(); ++i) applied.emplace_back((*rows)[i].integer(0), std::string((*rows)[i].text(1)));
  auto first = db::first_pending_migration(plugin_, applied, migrations_);
  if (!first) return std::move(first).error();
  if (*first == migrations_.size()) return Done();
  if (auto off = connection.execute("PRAGMA foreign_keys = OFF"); !off) return off;
  for (const auto& migration : migrations_.subspan(*first)) {
    auto done = apply(connection, migration);
    if (done) continue;
    Error& error = done.error();
    error.detail = "migration " + std::to_string(migration.number) + " of " + plugin_ + " (" + migration.name + "): " + error.detail;
    return std::move(error);
  }
  return Done();
}

Result<> MigrateJob::apply(Connection& connection, const db::Migration& migration) {
  if (auto begun = connection.run(kBegin, db::Values()); !begun) return std::move(begun).error();
  if (auto done = connection.execute(migration.sql); !done) return done;
  if (!connection.in_transaction()) return Error(Errc::misuse, "a migration must not end its transaction");
  auto broken = connection.run(kBrokenForeignKeys, db::Values());
  if (!broken) return std::move(broken).error();
  if (!broken->empty()) {
    return Error(Errc::constraint,
                 "rows of " + std::string((*broken)[0].text(0)) + " refer to missing rows of " + std::string((*broken)[0].text(1)));
  }
  if (auto named = connection.load_constraint_names(); !named) return named;
  auto values = db::values(plugin_, std::int64_t{migration.number}, migration.name, db::migration_checksum(migration.sql), now_);
  if (auto noted = connection.run(kInsertMigration, values); !noted) return std::move(noted).error();
  if (auto committed = connection.run(kCommit, db::Values()); !committed) return std::move(committed).error();
  return Done();
}

}  // namespace driftstack::database_sqlite

#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/roles/database.hpp"
#include "job.hpp"

namespace driftstack::database_sqlite {

/// `write`: one statement.
class WriteJob final : public Job {
 public:
  WriteJob(const Call& call, const db::Statement& statement, db::Values values)
      : Job(call), statement_(statement), values_(std::move(values)) {}
  Outcome run(Connection& connection) override;
  db::Rows take_rows() { return std::move(rows_); }

 private:
  const db::Statement& statement_;
  db::Values values_;
  db::Rows rows_;
};

/// `write_all`: fixed statements in order.
class BatchJob final : public Job {
 public:
  BatchJob(const Call& call, db::Batch batch) : Job(call), batch_(std::move(batch)) {}
  Outcome run(Connection& connection) override;
  std::vector<db::Rows> take_rows() { return std::move(rows_); }

 private:
  db::Batch batch_;
  std::vector<db::Rows> rows_;
};

/// `transaction`: a body that runs to its end on the writer thread, since every statement completes inline.
class TransactionJob final : public Job, private db::Transaction {
 public:
  TransactionJob(const Call& call, db::TransactionBody& body, Scheduler& scheduler, Log& log)
      : Job(call), body_(body), scheduler_(scheduler), log_(log) {}
  Outcome run(Connection& connection) override;

 private:
  enum class Phase { running, body_ended, writer_left };

  AsyncResult<db::Rows> run(const db::Statement& statement, db::Values values) override;
  AsyncResult<> lock(std::string key) override;
  Result<> check_use();
  void body_ended(Result<> result);

  db::TransactionBody& body_;
  Scheduler& scheduler_;
  Log& log_;
  Connection* connection_ = nullptr;
  std::thread::id writer_;
  std::atomic<bool> misused_{false};  ///< the body used its transaction from another thread
  std::atomic<Phase> phase_{Phase::running};
};

/// `migrate`: each pending step in a transaction of its own.
class MigrateJob final : public Job {
 public:
  MigrateJob(const Call& call, std::string plugin, std::span<const db::Migration> migrations, std::int64_t now)
      : Job(call, Kind::exclusive), plugin_(std::move(plugin)), migrations_(migrations), now_(now) {}
  Outcome run(Connection& connection) override;

 private:
  Result<> migrate(Connection& connection);
  Result<> apply(Connection& connection, const db::Migration& migration);

  std::string plugin_;
  std::span<const db::Migration> migrations_;
  std::int64_t now_;
};

}  // namespace driftstack::database_sqlite

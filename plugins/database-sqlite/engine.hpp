#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/roles/database.hpp"
#include "readers.hpp"
#include "store_file.hpp"
#include "writer.hpp"

namespace driftstack::database_sqlite {

struct EngineOptions {
  std::string path;
  std::size_t queue_limit = 0;   ///< writes that may wait
  std::int64_t cache_bytes = 0;  ///< page cache of each connection
  Sharing sharing = Sharing::exclusive;
};

/// The Database role on one SQLite file: one writer thread with group commit, readers on the io threads.
class Engine final : public db::Database, public HealthCheck {
 public:
  Engine(Scheduler& scheduler, Clock& clock, Log& log, EngineOptions options);
  ~Engine() override;

  /// Locks and opens the file and starts the writer. Blocks. [worker]
  Result<> open();
  /// Finishes queued writes and closes the file. Blocks. [worker]
  void close() noexcept;

  AsyncResult<db::Rows> read(const Call& call, const db::Statement& statement, db::Values values) override;
  AsyncResult<db::Rows> write(const Call& call, const db::Statement& statement, db::Values values) override;
  AsyncResult<std::vector<db::Rows>> write_all(const Call& call, db::Batch batch) override;
  AsyncResult<> transaction(const Call& call, db::TransactionBody& body) override;
  AsyncResult<> migrate(const Call& call, std::string plugin, std::span<const db::Migration> migrations) override;
  std::string_view engine() const noexcept override { return "sqlite"; }

  std::string_view name() const noexcept override { return "database"; }
  AsyncResult<> check(const Call& call) override;

 private:
  Result<> adopt(Connection& connection);

  Scheduler& scheduler_;
  Clock& clock_;
  Log& log_;
  const EngineOptions options_;
  StoreFile file_;  // outlives the connections
  Writer writer_;
  Readers readers_;
};

}  // namespace driftstack::database_sqlite

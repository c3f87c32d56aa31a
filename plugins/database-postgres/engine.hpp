#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "channel.hpp"
#include "connection_info.hpp"
#include "driftstack/host.hpp"
#include "driftstack/roles/database.hpp"
#include "lease_pool.hpp"

namespace driftstack::database_postgres {

struct EngineOptions {
  std::size_t leases = 0;       ///< connections for transactions, over all io threads
  std::size_t queue_limit = 0;  ///< calls that may wait, per io thread and kind of connection
};

/// The Database role on PostgreSQL. Each io thread has one connection for reads, one for groups of writes, and a share of the connections
/// that are leased to transactions, locks and slow reads.
class Engine final : public db::Database, public HealthCheck {
 public:
  Engine(Scheduler& scheduler, Clock& clock, Log& log, ConnectionInfo info, EngineOptions options);

  /// Connects once and checks that the database can hold our data. [io-thread]
  AsyncResult<> open();
  /// Ends all connections. [io-thread]
  Task<void> close();

  AsyncResult<db::Rows> read(const Call& call, const db::Statement& statement, db::Values values) override;
  AsyncResult<db::Rows> write(const Call& call, const db::Statement& statement, db::Values values) override;
  AsyncResult<std::vector<db::Rows>> write_all(const Call& call, db::Batch batch) override;
  AsyncResult<> transaction(const Call& call, db::TransactionBody& body) override;
  AsyncResult<> migrate(const Call& call, std::string plugin, std::span<const db::Migration> migrations) override;
  std::string_view engine() const noexcept override { return "postgres"; }

  std::string_view name() const noexcept override { return "database"; }
  AsyncResult<> check(const Call& call) override;

 private:
  /// What belongs to one io thread.
  struct Part {
    Part(Engine& engine, IoThread thread, std::size_t leases);
    Channel reads, writes;
    LeasePool leases;
  };

  /// The io thread that serves this call.
  IoThread home_of(const Call& call) const noexcept;
  Task<void> go_back(const Call& call);
  Result<> check_call(const Call& call) const;
  AsyncResult<std::vector<db::Rows>> run_in_channel(Channel& channel, LeasePool& leases, const Call& call, ChannelJob& job);
  AsyncResult<std::vector<db::Rows>> run_leased(LeasePool& leases, const Call& call, std::vector<Step>& steps);
  AsyncResult<> run_body(IoThread home, const Call& call, db::TransactionBody& body);

  Scheduler& scheduler_;
  Clock& clock_;
  Log& log_;
  const ConnectionInfo info_;
  const EngineOptions options_;
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace driftstack::database_postgres

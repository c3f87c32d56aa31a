#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connection.hpp"
#include "driftstack/host.hpp"
#include "driftstack/roles/database.hpp"

namespace driftstack::database_sqlite {

/// Connections for reading: one per io thread for short reads at once, and a stock of patient ones for workers.
///
/// A point read on the io thread takes 3 to 5 us, less than a hop to a worker (6 us). The step budget keeps that safe: a longer read is cut
/// off after about 0.1 ms and repeated on a worker. Writers of statements need not know which is which.
class Readers {
 public:
  Readers(Scheduler& scheduler, Clock& clock) : scheduler_(scheduler), clock_(clock) {}

  /// Opens the connections of the io threads.
  Result<> open(const std::string& path, std::int64_t cache_bytes);
  void close() noexcept;

  AsyncResult<db::Rows> read(const Call& call, const db::Statement& statement, db::Values values);

  /// Steps of the virtual machine that a read may take on an io thread, about 0.1 ms (measured).
  static constexpr int kStepBudget = 5000;

 private:
  Result<db::Rows> read_at_once(IoThread thread, const db::Statement& statement, const db::Values& values);
  Result<db::Rows> read_patiently(const Call& call, const db::Statement& statement, const db::Values& values);
  Result<std::unique_ptr<Connection>> lend();
  void give_back(std::unique_ptr<Connection> connection);
  Result<> check_time(const Call& call) const;

  Scheduler& scheduler_;
  Clock& clock_;
  std::string path_;
  std::int64_t cache_bytes_ = 0;
  std::vector<std::unique_ptr<Connection>> per_io_thread_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace driftstack::database_sqlite

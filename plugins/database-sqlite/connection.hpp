#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "constraint_names.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace driftstack::database_sqlite {

/// How a connection is used.
enum class Access {
  write,           ///< the one writer; waits for a foreign lock (an operator's sqlite3 shell)
  read_at_once,    ///< an io thread's reader: never waits, gives up after its step budget
  read_patiently,  ///< a worker's reader: waits for locks, runs until the deadline
};

/// Asked every kStepsPerQuestion steps whether the statement should be cut off.
using KeepRunning = std::function<bool()>;

/// One SQLite connection with its prepared statements. Used by one thread at a time.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access, std::int64_t cache_bytes);
  ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a statement to its end; on an error the statement has changed nothing.
  Result<db::Rows> run(const db::Statement& statement, const db::Values& values);
  /// The same, cut off with Errc::timeout as soon as `keep_running` says no.
  Result<db::Rows> run_while(const KeepRunning& keep_running, const db::Statement& statement, const db::Values& values);
  /// Runs a script of statements without parameters.
  Result<> execute(const char* script);

  /// False also after SQLite gave up the open transaction by itself.
  bool in_transaction() const noexcept;
  Result<> load_constraint_names() { return constraint_names_.load(database_.get()); }
  /// Moves the write-ahead log into the database file as far as no reader is in the way.
  void checkpoint() noexcept;
  /// True if the last error was a failed synchronisation of the file: then nobody knows what is on the disk.
  bool last_error_leaves_doubt() const noexcept;

  /// Virtual machine steps between two questions (measured: +0.1 us on a point read).
  static constexpr int kStepsPerQuestion = 1000;

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  struct Prepared {
    std::unique_ptr<sqlite3_stmt, Finalize> handle;
    std::vector<std::size_t> slots;  ///< index of the value for each of SQLite's slots: `$2` before `$1` is slot 1
    std::size_t parameters = 0;
    std::vector<db::Type> types;  ///< of the first run; PostgreSQL fixes them when it prepares
  };

  Connection(sqlite3* database, Access access) noexcept : access_(access), database_(database) {}
  Result<> configure(std::int64_t cache_bytes);
  Result<Prepared*> prepare(const db::Statement& statement);
  Result<> bind(const db::Statement& statement, Prepared& prepared, const db::Values& values);
  Error error_of(const db::Statement* statement) const;

  Access access_;
  std::unique_ptr<sqlite3, Close> database_;  // outlives the statements
  std::unordered_map<const db::Statement*, Prepared> prepared_;
  ConstraintNames constraint_names_;
};

}  // namespace driftstack::database_sqlite

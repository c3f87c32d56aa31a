#pragma once
// The database below a plugin's tests: SQLite in a folder of its own, or PostgreSQL when scripts/test-postgres started one. The same test
// program runs on both.

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "driftstack/roles/database.hpp"
#include "driftstack/testing/fake_host.hpp"
#include "driftstack/testing/run.hpp"
#include "plugins/database-postgres/connection_info.hpp"
#include "plugins/database-postgres/engine.hpp"
#include "plugins/database-sqlite/engine.hpp"

namespace driftstack::testing {

/// Opened and closed by the test, which keeps it alive until the plugin stopped.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual db::Database& database() noexcept = 0;
  /// Call after the plugin stopped and before the host ends. [test thread]
  virtual void close() = 0;
};

class SqliteUnderTest final : public StoreUnderTest {
 public:
  explicit SqliteUnderTest(FakeHost& host) : engine_(host.scheduler(), host.clock(), host.log(), options(directory_)) {
    open(engine_.open());
  }
  db::Database& database() noexcept override { return engine_; }
  void close() override { engine_.close(); }

  static void open(const Result<>& opened) {
    if (!opened) throw std::runtime_error("the test's database does not open: " + opened.error().detail);
  }

 private:
  static database_sqlite::EngineOptions options(const TemporaryDirectory& directory) {
    database_sqlite::EngineOptions options;
    options.path = directory.path() + "/test.sqlite";
    options.queue_limit = 4096;
    options.cache_bytes = 1 << 20;
    return options;
  }
  TemporaryDirectory directory_;
  database_sqlite::Engine engine_;
};

/// A database of its own in the cluster behind `url`.
class PostgresUnderTest final : public StoreUnderTest {
 public:
  PostgresUnderTest(FakeHost& host, std::string url) : host_(host), cluster_url_(std::move(url)), name_(next_name()) {
    command("CREATE DATABASE " + name_);
    auto info = database_postgres::ConnectionInfo::parse(own_url(), "");
    if (!info) throw std::runtime_error(info.error().detail);
    database_postgres::EngineOptions options;
    options.leases = 8;
    options.queue_limit = 4096;
    engine_ = std::make_unique<database_postgres::Engine>(host.scheduler(), host.clock(), host.log(), std::move(*info), options);
    SqliteUnderTest::open(run(host_, engine_->open()));
  }
  ~PostgresUnderTest() override { command("DROP DATABASE " + name_ + " WITH (FORCE)"); }
  db::Database& database() noexcept override { return *engine_; }
  void close() override { run(host_, engine_->close()); }

 private:
  static std::string next_name() {
    static std::atomic<int> number{0};
    return "test_" + std::to_string(getpid()) + "_" + std::to_string(++number);
  }
  std::string own_url() const {
    const std::string path = "/driftstack?";
    std::string url = cluster_url_;
    return url.replace(url.find(path), path.size(), "/" + name_ + "?");
  }
  void command(const std::string& sql) {
    const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(cluster_url_.c_str()), &PQfinish);
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), &PQclear);
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  }

  FakeHost& host_;
  const std::string cluster_url_;
  const std::string name_;
  std::unique_ptr<database_postgres::Engine> engine_;
};

/// Opens the store that this run is for.
inline std::unique_ptr<StoreUnderTest> open_store_under_test(FakeHost& host) {
  const char* url = std::getenv("DRIFTSTACK_TEST_POSTGRES_URL");
  if (url == nullptr) return std::make_unique<SqliteUnderTest>(host);
  return std::make_unique<PostgresUnderTest>(host, url);
}

}  // namespace driftstack::testing

// What a statement costs through the Database role, beside a bare loop over the same client library in the same run.
//
//   scripts/test-postgres run --durable build/release/tests/benchmarks/database_benchmark
//
// Without DRIFTSTACK_TEST_POSTGRES_URL only SQLite is measured.

#include <libpq-fe.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "driftstack/testing/fake_host.hpp"
#include "plugins/database-postgres/engine.hpp"
#include "plugins/database-sqlite/engine.hpp"

namespace driftstack {
namespace {

constexpr int kReads = 20000;
constexpr int kCallers = 64;  // as in the study of both engines
constexpr int kWritesPerCaller = 60;
constexpr int kBareWrites = 300;  // each waits for the disk

constexpr db::Migration kTables[] = {{1, "rows",
                                      "CREATE TABLE bench (id bigint PRIMARY KEY, account text NOT NULL); "
                                      "CREATE TABLE bench_log (id bigint PRIMARY KEY, account text NOT NULL)"}};
constinit const db::Statement kInsert("INSERT INTO bench (id, account) VALUES ($1, $2)");
constinit const db::Statement kInsertLog("INSERT INTO bench_log (id, account) VALUES ($1, $2)");
constinit const db::Statement kRead("SELECT account FROM bench WHERE id = $1");
constinit const db::Statement kCount("SELECT count(*) FROM bench WHERE id = $1");

double microseconds_each(int count, const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
  return time.count() / count;
}

void print(const char* engine, const char* what, double ours, double bare) {
  std::printf("%-9s %-38s %9.1f us %9.1f us   ratio %5.2f\n", engine, what, ours, bare, ours / bare);
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return *std::move(result);
}

AsyncResult<> read_in_turn(db::Database& database, const Call& call) {
  for (int i = 0; i < kReads; ++i) {
    auto rows = co_await database.read(call, kRead, db::values(1));
    if (!rows) co_return std::move(rows).error();
  }
  co_return Done();
}

AsyncResult<> write_in_turn(db::Database& database, const Call& call, std::int64_t first) {
  for (std::int64_t id = first; id < first + kWritesPerCaller; ++id) {
    auto rows = co_await database.write(call, kInsert, db::values(id, "account"));
    if (!rows) co_return std::move(rows).error();
  }
  co_return Done();
}

AsyncResult<> transact_in_turn(db::Database& database, const Call& call, std::int64_t first) {
  for (std::int64_t id = first; id < first + kWritesPerCaller; ++id) {
    auto body = [&](db::Transaction& tx) -> AsyncResult<> {
      auto counted = co_await tx.run(kCount, db::values(id));
      if (!counted) co_return std::move(counted).error();
      auto inserted = co_await tx.run(kInsert, db::values(id, "account"));
      if (!inserted) co_return std::move(inserted).error();
      auto logged = co_await tx.run(kInsertLog, db::values(id, "account"));
      if (!logged) co_return std::move(logged).error();
      co_return Done();
    };
    auto done = co_await db::transaction(database, call, body);
    if (!done) co_return done;
  }
  co_return Done();
}

/// Runs `make(caller)` for every caller at once on one io thread and ends with the last.
class Callers {
 public:
  template <class F>
  AsyncResult<> run(Scheduler& scheduler, IoThread home, F make) {
    left_ = kCallers;
    for (int caller = 0; caller < kCallers; ++caller) {
      start(make(caller), [this, &scheduler, home](Result<> done) {
        if (!done) throw std::runtime_error(done.error().detail);
        if (--left_ == 0 && waiter_) scheduler.resume_on_io(home, waiter_);
      });
    }
    const Last last(*this);
    co_await last;
    co_return Done();
  }

 private:
  struct Last {
    explicit Last(Callers& callers) : callers(callers) {}
    bool await_ready() const noexcept { return callers.left_ == 0; }
    void await_suspend(std::coroutine_handle<> waiter) const noexcept { callers.waiter_ = waiter; }
    void await_resume() const noexcept {}
    Callers& callers;
  };
  int left_ = 0;
  std::coroutine_handle<> waiter_;
};

struct Costs {
  double read, write, transaction;
};

Costs measure(testing::FakeHost& host, db::Database& database) {
  const auto call = host.call(std::chrono::hours(1));
  must(testing::run(host, database.migrate(*call, "bench", kTables)));
  must(testing::run(host, database.write(*call, kInsert, db::values(1, "account"))));
  Costs costs{};
  costs.read = microseconds_each(kReads, [&] { must(testing::run(host, read_in_turn(database, *call))); });
  const auto spread = [](int caller, int round) { return std::int64_t{1000} + (round * kCallers + caller) * kWritesPerCaller; };
  Callers writers, transactors;
  costs.write = microseconds_each(kCallers * kWritesPerCaller, [&] {
    must(testing::run(host, writers.run(host.scheduler(), 0, [&](int i) { return write_in_turn(database, *call, spread(i, 0)); })));
  });
  costs.transaction = microseconds_each(kCallers * kWritesPerCaller, [&] {
    must(testing::run(host, transactors.run(host.scheduler(), 0, [&](int i) { return transact_in_turn(database, *call, spread(i, 1)); })));
  });
  return costs;
}

// ---------------------------------------------------------------- bare loops

class BareSqlite {
 public:
  explicit BareSqlite(const std::string& path) : database_(open(path), &sqlite3_close_v2) {
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    run(kTables[0].sql);
  }
  void run(const std::string& sql) {
    if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(database_.get()));
  }
  void step(const db::Statement& statement, std::int64_t id) {
    sqlite3_stmt*& prepared = prepared_[&statement];
    if (prepared == nullptr) sqlite3_prepare_v2(database_.get(), statement.text(), -1, &prepared, nullptr);
    sqlite3_bind_int64(prepared, 1, id);
    if (sqlite3_bind_parameter_count(prepared) > 1) sqlite3_bind_text(prepared, 2, "account", -1, SQLITE_STATIC);
    const int code = sqlite3_step(prepared);
    if (code != SQLITE_ROW && code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_.get()));
    sqlite3_reset(prepared);
  }
  ~BareSqlite() {
    for (auto& [statement, prepared] : prepared_) sqlite3_finalize(prepared);
  }

 private:
  static sqlite3* open(const std::string& path) {
    sqlite3* raw = nullptr;
    sqlite3_open(path.c_str(), &raw);
    return raw;
  }
  std::unique_ptr<sqlite3, decltype(&sqlite3_close_v2)> database_;
  std::map<const db::Statement*, sqlite3_stmt*> prepared_;
};

class BarePostgres {
 public:
  explicit BarePostgres(const char* url) : connection_(PQconnectdb(url), &PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
  void run(const std::string& sql) { check(PQexec(connection_.get(), sql.c_str())); }
  void step(const db::Statement& statement, std::int64_t id) {
    const std::string sql = statement.postgres_text();
    const std::string number = std::to_string(id);
    const char* const values[] = {number.c_str(), "account"};
    const int count = sql.find("$2") == std::string::npos ? 1 : 2;
    if (!prepared_[&statement]) check(PQprepare(connection_.get(), sql.c_str(), sql.c_str(), 0, nullptr));
    prepared_[&statement] = true;
    check(PQexecPrepared(connection_.get(), sql.c_str(), count, values, nullptr, nullptr, 0));
  }

 private:
  static void check(PGresult* raw) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(raw, &PQclear);
    const auto status = PQresultStatus(raw);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw std::runtime_error(PQresultErrorMessage(raw));
  }
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::map<const db::Statement*, bool> prepared_;
};

template <class Bare>
Costs measure_bare(Bare& bare, const char* begin) {
  constexpr std::int64_t kFirst = 10'000'000;
  bare.step(kInsert, kFirst);
  Costs costs{};
  costs.read = microseconds_each(kReads, [&] {
    for (int i = 0; i < kReads; ++i) bare.step(kRead, kFirst);
  });
  costs.write = microseconds_each(kBareWrites, [&] {
    for (int i = 1; i <= kBareWrites; ++i) bare.step(kInsert, kFirst + i);
  });
  costs.transaction = microseconds_each(kBareWrites, [&] {
    for (int i = 1; i <= kBareWrites; ++i) {
      const std::int64_t id = kFirst + kBareWrites + i;
      bare.run(begin);
      bare.step(kCount, id);
      bare.step(kInsert, id);
      bare.step(kInsertLog, id);
      bare.run("COMMIT");
    }
  });
  return costs;
}

void report(const char* engine, const Costs& ours, const Costs& bare) {
  print(engine, "point read, one caller", ours.read, bare.read);
  print(engine, "durable write, 64 callers / bare: 1", ours.write, bare.write);
  print(engine, "3 statements, 64 callers / bare: 1", ours.transaction, bare.transaction);
}

void measure_sqlite() {
  testing::FakeHost host;
  BareSqlite bare(host.data_directory() + "/bare.sqlite");
  const Costs bare_costs = measure_bare(bare, "BEGIN IMMEDIATE");
  database_sqlite::EngineOptions options;
  options.path = host.data_directory() + "/engine.sqlite";
  options.queue_limit = 4096;
  options.cache_bytes = 8 << 20;
  database_sqlite::Engine engine(host.scheduler(), host.clock(), host.log(), options);
  must(engine.open());
  report("sqlite", measure(host, engine), bare_costs);
  engine.close();
}

void measure_postgres(const char* url) {
  testing::FakeHost host;
  database_postgres::EngineOptions options;
  options.leases = 32;
  options.queue_limit = 4096;
  database_postgres::Engine engine(host.scheduler(), host.clock(), host.log(), must(database_postgres::ConnectionInfo::parse(url, "")),
                                   options);
  must(testing::run(host, engine.open()));
  const Costs ours = measure(host, engine);
  testing::run(host, engine.close());
  BarePostgres bare(url);
  report("postgres", ours, measure_bare(bare, "BEGIN"));
}

}  // namespace
}  // namespace driftstack

int main() {
  try {
    std::printf("%-9s %-38s %12s %12s\n", "engine", "per operation", "role", "bare loop");
    driftstack::measure_sqlite();
    const char* url = std::getenv("DRIFTSTACK_TEST_POSTGRES_URL");
    if (url != nullptr) driftstack::measure_postgres(url);
    return 0;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "database_benchmark: %s\n", problem.what());
    return 1;
  }
}

#include "engine.hpp"

#include <utility>

#include "jobs.hpp"

namespace driftstack::database_sqlite {
namespace {

/// Marks a file as ours (SQLite header, offset 68): "DRFT" in ASCII.
constexpr std::int64_t kApplicationId = 0x44524654;

constinit const db::Statement kReadApplicationId("PRAGMA application_id");
constinit const db::Statement kCountTables("SELECT count(*) FROM sqlite_schema");
constinit const db::Statement kUseWriteAheadLog("PRAGMA journal_mode = WAL");
constinit const db::Statement kCreateProbe(
    "CREATE TABLE IF NOT EXISTS driftstack_probe (id bigint PRIMARY KEY, probed_at bigint NOT NULL)");
constinit const db::Statement kReadProbe("SELECT probed_at FROM driftstack_probe WHERE id = 1");
constinit const db::Statement kWriteProbe(
    "INSERT INTO driftstack_probe (id, probed_at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET probed_at = excluded.probed_at");

}  // namespace

Engine::Engine(Scheduler& scheduler, Clock& clock, Log& log, EngineOptions options)
    : scheduler_(scheduler),
      clock_(clock),
      log_(log),
      options_(std::move(options)),
      writer_(scheduler, clock, log, options_.queue_limit),
      readers_(scheduler, clock) {}

Engine::~Engine() { close(); }

Result<> Engine::open() {
  if (auto locked = file_.acquire(options_.path, options_.sharing); !locked) return locked;
  auto connection = Connection::open(options_.path, Access::write, options_.cache_bytes);
  if (!connection) return std::move(connection).error();
  if (auto adopted = adopt(**connection); !adopted) return adopted;
  if (auto named = (*connection)->load_constraint_names(); !named) return named;
  if (auto opened = readers_.open(options_.path, options_.cache_bytes); !opened) return opened;
  writer_.start(std::move(*connection));
  return Done();
}

/// Takes an empty file or one of ours; anything else is left untouched.
Result<> Engine::adopt(Connection& connection) {
  auto id = connection.run(kReadApplicationId, db::Values());
  if (!id) return std::move(id).error();
  const std::int64_t found = (*id)[0].integer(0);
  auto tables = connection.run(kCountTables, db::Values());
  if (!tables) return std::move(tables).error();
  if (found != kApplicationId && (found != 0 || (*tables)[0].integer(0) != 0)) {
    return Error(Errc::unavailable, "the file " + options_.path + " holds the database of another program; name a new file in `path`");
  }
  if (found == kApplicationId) return Done();
  auto mode = connection.run(kUseWriteAheadLog, db::Values());
  if (!mode) return std::move(mode).error();
  if ((*mode)[0].text(0) != "wal") {
    return Error(Errc::unavailable, "the file system of " + options_.path + " cannot hold a write-ahead log; name a local disk in `path`");
  }
  if (auto marked = connection.execute(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str()); !marked) return marked;
  if (auto created = connection.run(kCreateProbe, db::Values()); !created) return std::move(created).error();
  return Done();
}

void Engine::close() noexcept {
  writer_.stop();
  readers_.close();
  file_.release();
}

AsyncResult<db::Rows> Engine::read(const Call& call, const db::Statement& statement, db::Values values) {
  return readers_.read(call, statement, std::move(values));
}

AsyncResult<db::Rows> Engine::write(const Call& call, const db::Statement& statement, db::Values values) {
  WriteJob job(call, statement, std::move(values));
  co_await writer_.submit(job);
  if (job.has_failed()) co_return job.take_error();
  co_return job.take_rows();
}

AsyncResult<std::vector<db::Rows>> Engine::write_all(const Call& call, db::Batch batch) {
  BatchJob job(call, std::move(batch));
  co_await writer_.submit(job);
  if (job.has_failed()) co_return job.take_error();
  co_return job.take_rows();
}

AsyncResult<> Engine::transaction(const Call& call, db::TransactionBody& body) {
  TransactionJob job(call, body, scheduler_, log_);
  co_await writer_.submit(job);
  if (job.has_failed()) co_return job.take_error();
  co_return Done();
}

AsyncResult<> Engine::migrate(const Call& call, std::string plugin, std::span<const db::Migration> migrations) {
  MigrateJob job(call, std::move(plugin), migrations, clock_.unix_micros());
  co_await writer_.submit(job);
  if (job.has_failed()) co_return job.take_error();
  co_return Done();
}

AsyncResult<> Engine::check(const Call& call) {
  auto read = co_await readers_.read(call, kReadProbe, db::values());
  if (!read) co_return std::move(read).error();
  if (!writer_.trouble()) co_return Done();
  auto written = co_await write(call, kWriteProbe, db::values(clock_.unix_micros()));  // does it work again?
  if (!written) co_return std::move(written).error();
  co_return Done();
}

}  // namespace driftstack::database_sqlite

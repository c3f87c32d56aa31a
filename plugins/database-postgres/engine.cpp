#include "engine.hpp"

#include <algorithm>
#include <utility>

#include "leased_transaction.hpp"
#include "migrator.hpp"

namespace driftstack::database_postgres {
namespace {

/// How often a transaction is tried that lost against another one.
constexpr int kAttempts = 5;

constinit const db::Statement kProbe("SELECT 1");

/// The answers of steps that all succeeded, or the first error.
Result<std::vector<db::Rows>> collect(std::vector<Step>& steps) {
  std::vector<db::Rows> rows;
  for (Step& step : steps) {
    if (!step.rows) return Error(Errc::internal, "a statement was not answered");
    if (!*step.rows) return std::move(*step.rows).error();
    rows.push_back(std::move(**step.rows));
  }
  return rows;
}

/// The first step's failure, or null.
const Failure* failure_of(const Unit& unit) {
  for (const Step* step : unit.steps) {
    if (step->failure) return &*step->failure;
  }
  return unit.sync_failure ? &*unit.sync_failure : nullptr;
}

}  // namespace

Engine::Part::Part(Engine& engine, IoThread thread, std::size_t lease_limit)
    : reads(engine.scheduler_, engine.clock_, engine.log_, engine.info_, Use::read, thread, engine.options_.queue_limit),
      writes(engine.scheduler_, engine.clock_, engine.log_, engine.info_, Use::write, thread, engine.options_.queue_limit),
      leases(engine.scheduler_, engine.clock_, engine.log_, engine.info_, thread, lease_limit, engine.options_.queue_limit) {}

Engine::Engine(Scheduler& scheduler, Clock& clock, Log& log, ConnectionInfo info, EngineOptions options)
    : scheduler_(scheduler), clock_(clock), log_(log), info_(std::move(info)), options_(options) {}

AsyncResult<> Engine::open() {
  const IoThread home = scheduler_.current_io_thread();
  co_await on_workers(scheduler_);
  auto checked = check_database(info_.to_text());
  co_await on_io(scheduler_, home);
  if (!checked) co_return checked;
  const std::uint32_t threads = scheduler_.io_threads();
  const std::size_t leases = std::max<std::size_t>(options_.leases / threads, 1);
  for (IoThread thread = 0; thread < threads; ++thread) parts_.push_back(std::make_unique<Part>(*this, thread, leases));
  co_return Done();
}

Task<void> Engine::close() {
  const IoThread home = scheduler_.current_io_thread();
  for (IoThread thread = 0; thread < parts_.size(); ++thread) {
    co_await on_io(scheduler_, thread);
    co_await parts_[thread]->reads.close();
    co_await parts_[thread]->writes.close();
    co_await parts_[thread]->leases.close();
  }
  co_await on_io(scheduler_, home);
  parts_.clear();
}

IoThread Engine::home_of(const Call& call) const noexcept {
  const IoThread current = scheduler_.current_io_thread();
  if (current != kNoIoThread) return current;
  return call.io_thread() != kNoIoThread ? call.io_thread() : 0;
}

Task<void> Engine::go_back(const Call& call) {
  if (call.io_thread() != kNoIoThread) {
    co_await on_io(scheduler_, call.io_thread());
  } else {
    co_await on_workers(scheduler_);
  }
}

Result<> Engine::check_call(const Call& call) const {
  if (parts_.empty()) return Error(Errc::unavailable, "the database is not open");
  if (call.cancelled()) return Error(Errc::cancelled, "the caller lost interest before the work began");
  if (clock_.steady() >= call.deadline()) return Error(Errc::timeout, "the deadline passed before the work began");
  return Done();
}

AsyncResult<std::vector<db::Rows>> Engine::run_in_channel(Channel& channel, LeasePool& leases, const Call& call, ChannelJob& job) {
  co_await channel.submit(job);
  if (!job.error) co_return collect(job.steps);
  if (!job.needs_lease) co_return std::move(*job.error);
  co_return co_await run_leased(leases, call, job.steps);
}

AsyncResult<db::Rows> Engine::read(const Call& call, const db::Statement& statement, db::Values values) {
  if (auto fine = check_call(call); !fine) co_return std::move(fine).error();
  const IoThread home = home_of(call);
  co_await on_io(scheduler_, home);
  ChannelJob job(call);
  job.steps.emplace_back(statement, values);
  auto rows = co_await run_in_channel(parts_[home]->reads, parts_[home]->leases, call, job);
  co_await go_back(call);
  if (!rows && rows.error().code == Errc::outcome_unknown) rows.error().code = Errc::unreachable;  // a read leaves nothing behind
  if (!rows) co_return std::move(rows).error();
  co_return std::move(rows->front());
}

AsyncResult<db::Rows> Engine::write(const Call& call, const db::Statement& statement, db::Values values) {
  if (auto fine = check_call(call); !fine) co_return std::move(fine).error();
  const IoThread home = home_of(call);
  co_await on_io(scheduler_, home);
  ChannelJob job(call);
  job.steps.emplace_back(statement, values);
  auto rows = co_await run_in_channel(parts_[home]->writes, parts_[home]->leases, call, job);
  co_await go_back(call);
  if (!rows) co_return std::move(rows).error();
  co_return std::move(rows->front());
}

AsyncResult<std::vector<db::Rows>> Engine::write_all(const Call& call, db::Batch batch) {
  if (auto fine = check_call(call); !fine) co_return std::move(fine).error();
  if (batch.steps().empty()) co_return std::vector<db::Rows>();
  const IoThread home = home_of(call);
  co_await on_io(scheduler_, home);
  Part& part = *parts_[home];
  ChannelJob job(call);
  std::vector<db::Values> keys;
  for (const auto& key : batch.locks()) keys.push_back(db::values(key));
  for (const auto& key : keys) job.steps.emplace_back(kTakeLock, key);
  for (const auto& step : batch.steps()) job.steps.emplace_back(*step.statement, step.values);
  // A lock in a group would hold up everybody's commit.
  auto task = keys.empty() ? run_in_channel(part.writes, part.leases, call, job) : run_leased(part.leases, call, job.steps);
  auto rows = co_await task;
  co_await go_back(call);
  if (!rows) co_return std::move(rows).error();
  rows->erase(rows->begin(), rows->begin() + static_cast<std::ptrdiff_t>(keys.size()));
  co_return rows;
}

/// One unit on a connection of its own; again if it lost against others and nothing of it was kept.
AsyncResult<std::vector<db::Rows>> Engine::run_leased(LeasePool& leases, const Call& call, std::vector<Step>& steps) {
  Unit unit;
  for (Step& step : steps) unit.steps.push_back(&step);
  for (int attempt = 1;; ++attempt) {
    auto lease = co_await leases.acquire(call);
    if (!lease) co_return std::move(lease).error();
    LeasedConnection& connection = **lease;
    for (Step& step : steps) step.reset();
    auto ended = co_await connection.run(unit);
    if (!ended && connection.lost())
      co_return Error(Errc::outcome_unknown, "the statements were sent, their answer was lost with the connection");
    if (!ended) co_return std::move(ended).error();
    if (!unit.failed) co_return collect(steps);
    const Failure* failure = failure_of(unit);
    if (failure == nullptr) co_return Error(Errc::internal, "the server skipped a statement");
    const bool stale = failure->remedy == Remedy::prepare;
    if ((!stale && failure->error.code != Errc::busy) || attempt == kAttempts || !check_call(call)) co_return failure->error;
    if (stale) {
      for (const Step& step : steps) connection.forget(*step.statement);
    }
  }
}

AsyncResult<> Engine::transaction(const Call& call, db::TransactionBody& body) {
  if (auto fine = check_call(call); !fine) co_return std::move(fine).error();
  const IoThread home = home_of(call);
  co_await on_io(scheduler_, home);
  auto done = co_await run_body(home, call, body);
  co_await go_back(call);
  co_return done;
}

AsyncResult<> Engine::run_body(IoThread home, const Call& call, db::TransactionBody& body) {
  for (int attempt = 1;; ++attempt) {
    auto lease = co_await parts_[home]->leases.acquire(call);
    if (!lease) co_return std::move(lease).error();
    LeasedTransaction transaction(scheduler_, log_, **lease, home);
    auto done = co_await transaction.execute(body);
    if (done || !transaction.may_repeat() || attempt == kAttempts || !check_call(call)) co_return done;
  }
}

AsyncResult<> Engine::migrate(const Call& call, std::string plugin, std::span<const db::Migration> migrations) {
  if (auto fine = check_call(call); !fine) co_return std::move(fine).error();
  co_await on_workers(scheduler_);
  auto done = migrate_database(info_.to_text(), plugin, migrations, clock_.unix_micros());
  co_await go_back(call);
  co_return done;
}

AsyncResult<> Engine::check(const Call& call) {
  auto rows = co_await read(call, kProbe, db::values());
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

}  // namespace driftstack::database_postgres

#include "readers.hpp"

#include <utility>

#include "waking.hpp"

namespace driftstack::database_sqlite {
namespace {

/// Idle patient connections that are kept; each holds its page cache.
constexpr std::size_t kIdleLimit = 4;

}  // namespace

Result<> Readers::open(const std::string& path, std::int64_t cache_bytes) {
  path_ = path;
  cache_bytes_ = cache_bytes;
  for (std::uint32_t i = 0; i < scheduler_.io_threads(); ++i) {
    auto connection = Connection::open(path, Access::read_at_once, cache_bytes);
    if (!connection) return std::move(connection).error();
    per_io_thread_.push_back(std::move(*connection));
  }
  return Done();
}

void Readers::close() noexcept {
  per_io_thread_.clear();
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

Result<> Readers::check_time(const Call& call) const {
  if (call.cancelled()) return Error(Errc::cancelled, "the caller lost interest in the read");
  if (clock_.steady() >= call.deadline()) return Error(Errc::timeout, "the deadline of the read passed");
  return Done();
}

AsyncResult<db::Rows> Readers::read(const Call& call, const db::Statement& statement, db::Values values) {
  if (per_io_thread_.empty()) co_return Error(Errc::unavailable, "the database is not open");
  if (auto in_time = check_time(call); !in_time) co_return std::move(in_time).error();
  const IoThread thread = scheduler_.current_io_thread();
  if (thread == kNoIoThread) co_return read_patiently(call, statement, values);
  auto rows = read_at_once(thread, statement, values);
  const bool wants_patience = !rows && (rows.error().code == Errc::timeout || rows.error().code == Errc::busy);
  if (!wants_patience) co_return rows;
  co_await on_workers(scheduler_);
  rows = read_patiently(call, statement, values);
  co_await on_io(scheduler_, thread);
  co_return rows;
}

Result<db::Rows> Readers::read_at_once(IoThread thread, const db::Statement& statement, const db::Values& values) {
  int questions = 0;
  const KeepRunning within_budget = [&questions] { return ++questions < kStepBudget / Connection::kStepsPerQuestion; };
  return per_io_thread_[thread]->run_while(within_budget, statement, values);
}

Result<db::Rows> Readers::read_patiently(const Call& call, const db::Statement& statement, const db::Values& values) {
  auto connection = lend();
  if (!connection) return std::move(connection).error();
  const KeepRunning in_time = [&] { return bool(check_time(call)); };
  auto rows = (*connection)->run_while(in_time, statement, values);
  give_back(std::move(*connection));
  if (rows || rows.error().code != Errc::timeout) return rows;
  if (auto why = check_time(call); !why) return std::move(why).error();
  return rows;
}

Result<std::unique_ptr<Connection>> Readers::lend() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return Connection::open(path_, Access::read_patiently, cache_bytes_);
}

void Readers::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleLimit) idle_.push_back(std::move(connection));
}

}  // namespace driftstack::database_sqlite

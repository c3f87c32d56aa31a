#include "session.hpp"

#include <libpq-fe.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "driftstack/support/database_text.hpp"

namespace driftstack::database_postgres {
namespace {

/// The largest n of `$n` outside of quotes.
std::size_t count_parameters(std::string_view sql) {
  std::size_t largest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') quoted = !quoted;
    if (quoted || sql[i] != '$') continue;
    std::size_t number = 0;
    while (i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9') number = number * 10 + static_cast<std::size_t>(sql[++i] - '0');
    largest = std::max(largest, number);
  }
  return largest;
}

}  // namespace

Session::Session(ConnectionPointer connection, Owner& owner, int descriptor)
    : connection_(std::move(connection)), owner_(owner), descriptor_(descriptor) {}

Session::~Session() {
  watch_.reset();
  ::close(descriptor_);
}

Result<std::unique_ptr<Session>> Session::adopt(Scheduler& scheduler, ConnectionPointer connection, Owner& owner) {
  PGconn* raw = connection.get();
  if (PQsetnonblocking(raw, 1) != 0 || PQenterPipelineMode(raw) != 1) {
    return Error(Errc::unreachable, "cannot use the connection to PostgreSQL: " + std::string(PQerrorMessage(raw)));
  }
  const int descriptor = ::dup(PQsocket(raw));
  if (descriptor < 0) return Error(Errc::unavailable, "no file descriptor is free for PostgreSQL");
  std::unique_ptr<Session> session(new Session(std::move(connection), owner, descriptor));
  session->watch_ = scheduler.watch(descriptor, *session);
  session->watch_->set_interest(Readiness::readable);
  return session;
}

Result<bool> Session::check(const Step& step) const {
  const char* sql = step.statement->postgres_text();
  const auto found = prepared_.find(step.statement);
  const std::size_t wanted = found != prepared_.end() ? found->second.types.size() : count_parameters(sql);
  if (auto checked = db::check_values(sql, *step.values, wanted); !checked) return std::move(checked).error();
  if (found == prepared_.end()) return false;
  if (auto checked = db::check_types(sql, *step.values, found->second.types); !checked) return std::move(checked).error();
  return found->second.ready;
}

void Session::prepare(const Step& step) {
  if (lost_ || prepared_.contains(step.statement)) return;
  Prepared prepared;
  prepared.name = "s" + std::to_string(next_name_++);
  std::vector<Oid> types;
  for (const auto& value : *step.values) {
    prepared.types.push_back(value.type());
    types.push_back(type_number(value.type()));
  }
  const char* sql = step.statement->postgres_text();
  const int sent = PQsendPrepare(connection_.get(), prepared.name.c_str(), sql, static_cast<int>(types.size()), types.data());
  prepared_.emplace(step.statement, std::move(prepared));
  if (sent != 1) return give_up();
  owed_.push_back(Owed{Owed::Kind::preparation, step.statement, nullptr, nullptr});
  sync(step.statement, nullptr);
}

void Session::send(Unit& unit) {
  unit.failed = false;
  unit.sync_failure.reset();
  for (Step* step : unit.steps) {
    if (lost_) return;
    step->reset();
    const Parameters parameters(*step->values);
    const auto& name = prepared_.find(step->statement)->second.name;
    constexpr int kBinaryResults = 1;
    if (PQsendQueryPrepared(connection_.get(), name.c_str(), parameters.count(), parameters.pointers(), parameters.lengths(),
                            parameters.formats(), kBinaryResults) != 1) {
      return give_up();
    }
    owed_.push_back(Owed{Owed::Kind::step, nullptr, step, nullptr});
  }
  sync(nullptr, &unit);
}

void Session::sync(const db::Statement* prepared, Unit* unit) {
  if (lost_) return;
  if (PQpipelineSync(connection_.get()) != 1) return give_up();
  owed_.push_back(Owed{Owed::Kind::sync, prepared, nullptr, unit});
}

void Session::flush() {
  if (lost_) return;
  const int unsent = PQflush(connection_.get());
  if (unsent < 0) return give_up();
  watch_->set_interest(unsent == 0 ? Readiness::readable : Readiness::both);
}

/// Marks the connection as lost. The report comes from on_ready(), which the closed socket brings about, never from inside a call.
void Session::give_up() {
  if (lost_) return;
  lost_ = true;
  const std::string message(PQerrorMessage(connection_.get()));
  if (loss_.empty()) loss_ = message.substr(0, message.find('\n'));
  ::shutdown(descriptor_, SHUT_RDWR);
  watch_->set_interest(Readiness::readable);
}

void Session::on_ready(Readiness what) noexcept {
  if (!lost_ && what != Readiness::readable) flush();
  if (!lost_ && what != Readiness::writable && PQconsumeInput(connection_.get()) != 1) give_up();
  if (!lost_) read_answers();
  report();
}

void Session::read_answers() {
  // PQgetResult answers null between two results; two in a row mean that the rest has not arrived.
  for (int nulls = 0; nulls < 2 && !owed_.empty() && !lost_;) {
    if (PQisBusy(connection_.get()) != 0) break;
    ResultPointer result(PQgetResult(connection_.get()));
    nulls = result ? 0 : nulls + 1;
    if (result) take(std::move(result));
  }
}

void Session::take(ResultPointer result) {
  Owed& owed = owed_.front();
  if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
    if (owed.unit != nullptr) {
      ended_units_.push_back(owed.unit);
    } else {
      auto outcome =
          preparation_outcome_ ? std::move(*preparation_outcome_) : Result<>(Error(Errc::internal, "no answer to a preparation"));
      preparation_outcome_.reset();
      if (outcome) prepared_.find(owed.statement)->second.ready = true;
      if (!outcome) prepared_.erase(owed.statement);
      ended_preparations_.push_back(Preparation{owed.statement, std::move(outcome)});
    }
    owed_.pop_front();
    return;
  }
  if (owed.kind == Owed::Kind::sync) {  // the commit was refused; its Sync follows
    if (owed.unit == nullptr) return;
    owed.unit->failed = true;
    owed.unit->sync_failure = decode_failure(result.get(), "COMMIT");
    return;
  }
  take_step(owed, result.get());
  if (!lost_) owed_.pop_front();
}

void Session::take_step(Owed& owed, const pg_result* result) {
  const char* sql = (owed.step != nullptr ? owed.step->statement : owed.statement)->postgres_text();
  const auto status = PQresultStatus(result);
  std::optional<Failure> failure;
  if (status == PGRES_FATAL_ERROR) {
    failure = decode_failure(result, sql);
    if (failure->remedy == Remedy::reconnect) {
      loss_ = failure->error.detail;
      give_up();
      return;
    }
  }
  if (owed.step == nullptr) {
    preparation_outcome_ = failure ? Result<>(std::move(failure->error)) : Result<>();
  } else if (failure) {
    owed.step->failure = std::move(failure);
  } else if (status != PGRES_PIPELINE_ABORTED) {
    owed.step->rows = decode_rows(result, sql);
  }
}

void Session::report() {
  auto& owner = owner_;
  for (auto& preparation : std::exchange(ended_preparations_, {}))
    owner.on_prepared(*preparation.statement, std::move(preparation.outcome));
  for (Unit* unit : std::exchange(ended_units_, {})) {
    for (const Step* step : unit->steps) unit->failed = unit->failed || step->failure.has_value() || !step->rows.has_value();
    owner.on_unit_end(*unit);
  }
  if (lost_) {
    watch_.reset();  // a closed socket is ready for ever
    owner.on_lost(Error(Errc::unreachable, "the connection to PostgreSQL was lost: " + loss_));
  }
  owner.on_turn_end();
}

}  // namespace driftstack::database_postgres

// Conformance of the Database role: many callers at once, deadlines, and what was answered stays.

#include <set>
#include <string>

#include "driftstack/testing/conformance/database_conformance.hpp"

namespace driftstack::testing {
namespace {

constexpr db::Migration kTables[] = {
    {1, "rows",
     "CREATE TABLE seats (id text PRIMARY KEY, account text NOT NULL);"
     "CREATE TABLE jobs (id bigint PRIMARY KEY, lease_until bigint NOT NULL);"
     "CREATE TABLE counters (id text PRIMARY KEY, total bigint NOT NULL);"
     "INSERT INTO counters (id, total) VALUES ('all', 0)"},
};

constexpr int kCap = 5;

constinit const db::Statement kInsertSeat("INSERT INTO seats (id, account) VALUES ($1, $2)");
constinit const db::Statement kInsertSeatUnderCap(
    "INSERT INTO seats (id, account) SELECT $1, $2 WHERE (SELECT count(*) FROM seats WHERE account = $2) < $3");
constinit const db::Statement kCountSeats("SELECT count(*) FROM seats WHERE account = $1");
constinit const db::Statement kReadSeat("SELECT account FROM seats WHERE id = $1");
constinit const db::Statement kInsertJob("INSERT INTO jobs (id, lease_until) VALUES ($1, 0)");
constinit const db::Statement kClaimJobs(
    "UPDATE jobs SET lease_until = $2 WHERE id IN (SELECT id FROM jobs WHERE lease_until < $1 ORDER BY id LIMIT 3) AND lease_until < $1 "
    "RETURNING id",
    "UPDATE jobs SET lease_until = $2 WHERE id = ANY(ARRAY(SELECT id FROM jobs WHERE lease_until < $1 ORDER BY id LIMIT 3 "
    "FOR UPDATE SKIP LOCKED)) AND lease_until < $1 RETURNING id");
constinit const db::Statement kClaimJob(
    "UPDATE jobs SET lease_until = $2 WHERE id = (SELECT id FROM jobs WHERE lease_until < $1 ORDER BY id LIMIT 1) AND lease_until < $1 "
    "RETURNING id",
    "UPDATE jobs SET lease_until = $2 WHERE id = (SELECT id FROM jobs WHERE lease_until < $1 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) "
    "AND lease_until < $1 RETURNING id");
constinit const db::Statement kLeaseAll("UPDATE jobs SET lease_until = $1");
constinit const db::Statement kAnalyze("ANALYZE jobs");
constinit const db::Statement kReadTotal("SELECT total FROM counters WHERE id = 'all'");
constinit const db::Statement kSetTotal("UPDATE counters SET total = $1 WHERE id = 'all'");
constinit const db::Statement kLongRead(
    "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT count(*) FROM n");

class ConcurrencyCase : public DatabaseCase {
 public:
  ConcurrencyCase() { REQUIRE(migrate("concurrency", kTables)); }
};

TEST_CASE_METHOD(ConcurrencyCase, "writes that share a commit do not share their fate", "[conformance]") {
  constexpr std::size_t kWrites = 200;  // several groups of both engines
  auto answers = all_at_once(kWrites, [&](std::size_t i) {
    return database().write(call(), kInsertSeat, db::values("seat" + std::to_string(i / 2), "ada"));  // each id twice
  });
  std::size_t kept = 0;
  for (const auto& answer : answers) {
    if (answer) {
      ++kept;
      continue;
    }
    CHECK(answer.error().code == Errc::conflict);
    CHECK(answer.error().constraint == "seats_pkey");
  }
  CHECK(kept == kWrites / 2);
  CHECK(number(kCountSeats, db::values("ada")) == static_cast<std::int64_t>(kWrites / 2));
}

TEST_CASE_METHOD(ConcurrencyCase, "a cap holds when the lock comes first in the batch", "[conformance]") {
  auto answers = all_at_once(60, [&](std::size_t i) {
    const std::string account = "account" + std::to_string(i % 3);
    db::Batch batch;
    batch.lock("concurrency.seats:" + account);
    batch.add(kInsertSeatUnderCap, db::values("seat" + std::to_string(i), account, kCap));
    return database().write_all(call(), std::move(batch));
  });
  std::int64_t inserted = 0;
  for (const auto& answer : answers) {
    REQUIRE(answer);
    inserted += (*answer)[0].changed();
  }
  CHECK(inserted == 3 * kCap);
  for (const char* account : {"account0", "account1", "account2"}) CHECK(number(kCountSeats, db::values(account)) == kCap);
}

AsyncResult<bool> take_seat(db::Database& database, const Call& call, std::string id) {
  bool taken = false;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    taken = false;
    if (auto locked = co_await tx.lock("concurrency.seats:ada"); !locked) co_return std::move(locked).error();
    auto count = co_await tx.run(kCountSeats, db::values("ada"));
    if (!count) co_return std::move(count).error();
    if ((*count)[0].integer(0) >= kCap) co_return Done();
    auto inserted = co_await tx.run(kInsertSeat, db::values(id, "ada"));
    if (!inserted) co_return std::move(inserted).error();
    taken = true;
    co_return Done();
  };
  auto done = co_await db::transaction(database, call, body);
  if (!done) co_return std::move(done).error();
  co_return taken;
}

TEST_CASE_METHOD(ConcurrencyCase, "a cap holds when a transaction locks, counts and inserts", "[conformance]") {
  auto answers = all_at_once(40, [&](std::size_t i) { return take_seat(database(), call(), "seat" + std::to_string(i)); });
  int taken = 0;
  for (const auto& answer : answers) {
    REQUIRE(answer);
    taken += *answer ? 1 : 0;
  }
  CHECK(taken == kCap);
  CHECK(number(kCountSeats, db::values("ada")) == kCap);
}

AsyncResult<> add_one(db::Database& database, const Call& call) {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    if (auto locked = co_await tx.lock("concurrency.total"); !locked) co_return std::move(locked).error();
    auto total = co_await tx.run(kReadTotal, db::values());
    if (!total) co_return std::move(total).error();
    auto set = co_await tx.run(kSetTotal, db::values((*total)[0].integer(0) + 1));
    if (!set) co_return std::move(set).error();
    co_return Done();
  };
  co_return co_await db::transaction(database, call, body);
}

TEST_CASE_METHOD(ConcurrencyCase, "no increment is lost between transactions that hold the same lock", "[conformance]") {
  auto answers = all_at_once(50, [&](std::size_t) { return add_one(database(), call()); });
  for (const auto& answer : answers) REQUIRE(answer);
  CHECK(number(kReadTotal) == 50);
}

TEST_CASE_METHOD(ConcurrencyCase, "a job is claimed once", "[conformance]") {
  constexpr int kJobs = 60;
  for (int i = 0; i < kJobs; ++i) REQUIRE(write(kInsertJob, db::values(i)));
  auto answers = all_at_once(40, [&](std::size_t) { return database().write(call(), kClaimJobs, db::values(1, 1000)); });
  std::set<std::int64_t> claimed;
  for (const auto& answer : answers) {
    REQUIRE(answer);
    for (std::size_t row = 0; row < answer->size(); ++row) CHECK(claimed.insert((*answer)[row].integer(0)).second);
  }
  CHECK(claimed.size() >= 3);
  for (auto more = write(kClaimJobs, db::values(1, 1000)); more && !more->empty(); more = write(kClaimJobs, db::values(1, 1000))) {
    for (std::size_t row = 0; row < more->size(); ++row) CHECK(claimed.insert((*more)[row].integer(0)).second);
  }
  CHECK(claimed.size() == kJobs);
}

TEST_CASE_METHOD(ConcurrencyCase, "a claim takes no more than it asked for, also when nothing was due for long", "[conformance]") {
  // What the planner knows then (no row is due) makes PostgreSQL run a sub-query behind IN once per row.
  for (int i = 0; i < 3; ++i) REQUIRE(write(kInsertJob, db::values(i)));
  REQUIRE(write(kLeaseAll, db::values(5'000'000)));
  REQUIRE(write(kAnalyze, db::values()));
  for (int i = 10; i < 20; ++i) REQUIRE(write(kInsertJob, db::values(i)));
  auto three = write(kClaimJobs, db::values(1, 1000));
  REQUIRE(three);
  CHECK(three->size() == 3);
  for (int i = 13; i < 20; ++i) {
    auto one = write(kClaimJob, db::values(1, 1000));
    REQUIRE(one);
    REQUIRE(one->size() == 1);
    CHECK((*one)[0].integer(0) == i);
  }
  CHECK(write(kClaimJob, db::values(1, 1000))->empty());
}

AsyncResult<bool> sees_own_write(db::Database& database, Scheduler& scheduler, const Call& call, std::string id) {
  auto written = co_await database.write(call, kInsertSeat, db::values(id, "ada"));
  if (!written) co_return std::move(written).error();
  const IoThread other = (scheduler.current_io_thread() + 1) % scheduler.io_threads();
  co_await on_io(scheduler, other);
  auto seen = co_await database.read(call, kReadSeat, db::values(id));
  if (!seen) co_return std::move(seen).error();
  co_return seen->size() == 1;
}

TEST_CASE_METHOD(ConcurrencyCase, "a read on any thread sees every write that was answered before", "[conformance]") {
  auto answers =
      all_at_once(64, [&](std::size_t i) { return sees_own_write(database(), host().scheduler(), call(), "seat" + std::to_string(i)); });
  for (const auto& answer : answers) {
    REQUIRE(answer);
    CHECK(*answer);
  }
}

AsyncResult<bool> continues_at_home(db::Database& database, Scheduler& scheduler, const Call& call, std::string id) {
  auto written = co_await database.write(call, kInsertSeat, db::values(id, "ada"));
  const bool after_write = scheduler.current_io_thread() == call.io_thread();
  auto read = co_await database.read(call, kReadSeat, db::values(id));
  const bool after_read = scheduler.current_io_thread() == call.io_thread();
  auto long_read = co_await database.read(call, kLongRead, db::values(20000));
  const bool after_long_read = scheduler.current_io_thread() == call.io_thread();
  co_return written&& read&& long_read&& after_write&& after_read&& after_long_read;
}

TEST_CASE_METHOD(ConcurrencyCase, "a caller continues on the io thread of its call", "[conformance]") {
  for (IoThread thread = 0; thread < host().scheduler().io_threads(); ++thread) {
    const auto own = host().call(std::chrono::seconds(30), thread);
    auto answer = run(host().scheduler(), continues_at_home(database(), host().scheduler(), *own, std::to_string(thread)), thread);
    REQUIRE(answer);
    CHECK(*answer);
  }
}

TEST_CASE_METHOD(ConcurrencyCase, "long reads are answered, also many at once", "[conformance]") {
  auto answers = all_at_once(8, [&](std::size_t i) { return database().read(call(), kLongRead, db::values(50000 + static_cast<int>(i))); });
  for (std::size_t i = 0; i < answers.size(); ++i) {
    REQUIRE(answers[i]);
    CHECK((*answers[i])[0].integer(0) == 50000 + static_cast<std::int64_t>(i));
  }
}

TEST_CASE_METHOD(ConcurrencyCase, "a call past its deadline has no effect", "[conformance]") {
  const auto late = host().call(std::chrono::milliseconds(10));
  host().clock().advance(std::chrono::milliseconds(20));
  auto written = run(host(), database().write(*late, kInsertSeat, db::values("late", "ada")));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::timeout);
  auto read = run(host(), database().read(*late, kReadTotal, db::values()));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::timeout);
  auto taken = run(host(), take_seat(database(), *late, "late"));
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Errc::timeout);
  CHECK(number(kCountSeats, db::values("ada")) == 0);
}

TEST_CASE_METHOD(ConcurrencyCase, "a cancelled call has no effect", "[conformance]") {
  const auto cancelled = host().call();
  cancelled->cancel();
  auto written = run(host(), database().write(*cancelled, kInsertSeat, db::values("gone", "ada")));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::cancelled);
  auto read = run(host(), database().read(*cancelled, kReadTotal, db::values()));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::cancelled);
  CHECK(number(kCountSeats, db::values("ada")) == 0);
}

TEST_CASE_METHOD(ConcurrencyCase, "what was answered is there after the plugin started anew", "[conformance]") {
  REQUIRE(write(kInsertSeat, db::values("kept", "ada")));
  reopen();
  CHECK(number(kCountSeats, db::values("ada")) == 1);
}

TEST_CASE_METHOD(ConcurrencyCase, "a working database is healthy", "[conformance]") {
  CHECK(health().name() == "database");
  CHECK(run(host(), health().check(call())));
}

}  // namespace
}  // namespace driftstack::testing

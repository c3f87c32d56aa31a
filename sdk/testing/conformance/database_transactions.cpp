// Conformance of the Database role: what happens together, and the rules for transaction bodies.

#include <stdexcept>

#include "driftstack/testing/conformance/database_conformance.hpp"

namespace driftstack::testing {
namespace {

constexpr db::Migration kTables[] = {
    {1, "accounts",
     "CREATE TABLE accounts (id text PRIMARY KEY, cents bigint NOT NULL, CONSTRAINT accounts_not_negative CHECK (cents >= 0));"
     "CREATE TABLE moves (id text PRIMARY KEY, cents bigint NOT NULL);"
     "INSERT INTO accounts (id, cents) VALUES ('ada', 100), ('bob', 0)"},
};

constinit const db::Statement kAdd("UPDATE accounts SET cents = cents + $2 WHERE id = $1 RETURNING cents");
constinit const db::Statement kNote("INSERT INTO moves (id, cents) VALUES ($1, $2)");
constinit const db::Statement kCents("SELECT cents FROM accounts WHERE id = $1");
constinit const db::Statement kMoves("SELECT count(*) FROM moves");

class TransactionsCase : public DatabaseCase {
 public:
  TransactionsCase() { REQUIRE(migrate("transactions", kTables)); }
  std::int64_t cents(const char* account) { return number(kCents, db::values(account)); }
};

TEST_CASE_METHOD(TransactionsCase, "a batch happens as a whole, in order, and answers each statement", "[conformance]") {
  db::Batch batch;
  batch.lock("transactions.move:ada").lock("transactions.move:bob");
  batch.add(kAdd, db::values("ada", -40)).add(kAdd, db::values("bob", 40)).add(kNote, db::values("m1", 40));
  auto answers = write_all(std::move(batch));
  REQUIRE(answers);
  REQUIRE(answers->size() == 3);
  CHECK((*answers)[0][0].integer(0) == 60);
  CHECK((*answers)[1][0].integer(0) == 40);
  CHECK((*answers)[2].changed() == 1);
  CHECK(cents("ada") == 60);
  CHECK(cents("bob") == 40);
}

TEST_CASE_METHOD(TransactionsCase, "a batch with one refused statement changes nothing", "[conformance]") {
  db::Batch batch;
  batch.add(kNote, db::values("m1", 400)).add(kAdd, db::values("bob", 400)).add(kAdd, db::values("ada", -400));
  auto answers = write_all(std::move(batch));
  REQUIRE_FALSE(answers);
  CHECK(answers.error().code == Errc::constraint);
  CHECK(answers.error().constraint == "accounts_not_negative");
  CHECK(cents("bob") == 0);
  CHECK(number(kMoves) == 0);
}

TEST_CASE_METHOD(TransactionsCase, "an empty batch is fine", "[conformance]") { CHECK(write_all(db::Batch())); }

TEST_CASE_METHOD(TransactionsCase, "a transaction sees its own changes and keeps them when its body is content", "[conformance]") {
  std::int64_t seen = 0;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    if (auto locked = co_await tx.lock("transactions.move:ada"); !locked) co_return std::move(locked).error();
    auto taken = co_await tx.run(kAdd, db::values("ada", -30));
    if (!taken) co_return std::move(taken).error();
    auto read = co_await tx.run(kCents, db::values("ada"));
    if (!read) co_return std::move(read).error();
    seen = (*read)[0].integer(0);
    auto given = co_await tx.run(kAdd, db::values("bob", 30));
    if (!given) co_return std::move(given).error();
    co_return Done();
  };
  REQUIRE(transaction(body));
  CHECK(seen == 70);
  CHECK(cents("ada") == 70);
  CHECK(cents("bob") == 30);
}

TEST_CASE_METHOD(TransactionsCase, "an error of the body undoes everything and reaches the caller", "[conformance]") {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto taken = co_await tx.run(kAdd, db::values("ada", -30));
    if (!taken) co_return std::move(taken).error();
    co_return Error(Errc::tier_limit, "not today");
  };
  auto done = transaction(body);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::tier_limit);
  CHECK(done.error().detail == "not today");
  CHECK(cents("ada") == 100);
}

TEST_CASE_METHOD(TransactionsCase, "a body that throws is rolled back", "[conformance]") {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto taken = co_await tx.run(kAdd, db::values("ada", -30));
    if (taken) throw std::runtime_error("broken body");
    co_return Done();
  };
  auto done = transaction(body);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::internal);
  CHECK(cents("ada") == 100);
}

TEST_CASE_METHOD(TransactionsCase, "a refused statement fails the transaction even if the body ignores it", "[conformance]") {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto given = co_await tx.run(kAdd, db::values("bob", 400));
    auto taken = co_await tx.run(kAdd, db::values("ada", -400));
    auto noted = co_await tx.run(kNote, db::values("m1", 400));
    CHECK(given);
    CHECK_FALSE(taken);
    CHECK_FALSE(noted);
    co_return Done();
  };
  auto done = transaction(body);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::constraint);
  CHECK(done.error().constraint == "accounts_not_negative");
  CHECK(cents("bob") == 0);
  CHECK(number(kMoves) == 0);
}

TEST_CASE_METHOD(TransactionsCase, "a body may say in its own words why a statement was refused", "[conformance]") {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto taken = co_await tx.run(kAdd, db::values("ada", -400));
    if (!taken && taken.error().constraint == "accounts_not_negative") co_return Error(Errc::storage_quota_exceeded, "too much");
    co_return Done();
  };
  auto done = transaction(body);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::storage_quota_exceeded);
  CHECK(done.error().detail == "too much");
}

TEST_CASE_METHOD(TransactionsCase, "a body that awaits something else is rolled back as misuse", "[conformance]") {
  auto& scheduler = host().scheduler();
  bool refused_later = false;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto taken = co_await tx.run(kAdd, db::values("ada", -30));
    if (!taken) co_return std::move(taken).error();
    co_await on_workers(scheduler);
    auto given = co_await tx.run(kAdd, db::values("bob", 30));
    refused_later = !given && given.error().code == Errc::misuse;
    co_return Done();
  };
  auto done = transaction(body);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::misuse);
  CHECK(refused_later);
  CHECK(cents("ada") == 100);
  CHECK(cents("bob") == 0);
  // The engine goes on.
  REQUIRE(write(kNote, db::values("m1", 1)));
  CHECK(number(kMoves) == 1);
}

TEST_CASE_METHOD(TransactionsCase, "a body that calls the database beside its transaction is rolled back as misuse", "[conformance]") {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto taken = co_await tx.run(kAdd, db::values("ada", -30));
    if (!taken) co_return std::move(taken).error();
    auto noted = co_await database().write(call(), kNote, db::values("beside", 30));
    if (!noted) co_return std::move(noted).error();
    co_return Done();
  };
  auto done = transaction(body);
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::misuse);
  CHECK(cents("ada") == 100);
}

TEST_CASE_METHOD(TransactionsCase, "a body may do nothing", "[conformance]") {
  auto body = [&](db::Transaction&) -> AsyncResult<> { co_return Done(); };
  CHECK(transaction(body));
}

}  // namespace
}  // namespace driftstack::testing

#include <catch2/catch.hpp>
#include <future>

#include "sqlite_store.hpp"

namespace driftstack::kernel {
namespace {

using Key = IdempotencyStore::Key;

Key key(std::string value = "k1", std::string digest = "d1", std::string account = "acc_1", std::string route = "POST /v1/things") {
  return Key{std::move(account), std::move(route), std::move(value), std::move(digest)};
}

struct Bench : test::SqliteStore {
  Bench() { host().clock().freeze(); }
  Result<IdempotencyStore::Claim> claim(Key what, Idempotency kind = Idempotency::replay) {
    const auto call = host().call();
    return run(store().claim(*call, std::move(what), kind));
  }
  std::unique_ptr<IdempotencyStore::Record> begin(Key what, Idempotency kind = Idempotency::replay) {
    auto claimed = claim(std::move(what), kind);
    REQUIRE(claimed);
    REQUIRE(claimed->record);
    return std::move(claimed->record);
  }
  void finish(IdempotencyStore::Record& record, Result<Response> answer) {
    const auto call = host().call();
    REQUIRE(run(record.finish(*call, answer)));
  }
  void carry_out(Key what, Response answer) {
    const auto record = begin(std::move(what));
    finish(*record, std::move(answer));
  }
  /// The conflict that a claim answers.
  std::string conflict(Key what, Idempotency kind = Idempotency::replay) {
    const auto claimed = claim(std::move(what), kind);
    REQUIRE_FALSE(claimed);
    CHECK(claimed.error().code == Errc::conflict);
    return claimed.error().members;
  }
};

TEST_CASE("The first request under a key runs, its repeat gets the same status and body back") {
  Bench bench;
  bench.carry_out(key(), Response(201, R"({"id":"ses_1"})"));
  const auto again = bench.claim(key());
  REQUIRE(again);
  CHECK_FALSE(again->record);
  REQUIRE(again->replay);
  CHECK(again->replay->status == 201);
  CHECK(again->replay->body == R"({"id":"ses_1"})");
  CHECK(bench.stored_bodies() == R"({"id":"ses_1"})");
  REQUIRE(again->replay->headers.size() == 1);
  CHECK(again->replay->headers[0].name == "Idempotent-Replayed");
  CHECK(again->replay->headers[0].value == "1");
}

TEST_CASE("A key belongs to one account and one operation") {
  Bench bench;
  bench.carry_out(key(), Response(201, "{}"));
  for (auto other : {key("k2"), key("k1", "d1", "acc_2"), key("k1", "d1", "acc_1", "POST /v1/others"), key("K1")}) {
    const auto record = bench.begin(std::move(other));
    bench.finish(*record, Error(Errc::not_found, "x"));
  }
}

TEST_CASE("The same key with another request is a mismatch, before and after the first has ended") {
  Bench bench;
  bench.carry_out(key("k1", "d1"), Response(201, "{}"));
  CHECK(bench.conflict(key("k1", "d2")) == R"("idempotency_status":"mismatch")");
  CHECK(bench.claim(key("k1", "d1"))->replay);
}

TEST_CASE("Any answer but a success frees the key") {
  for (const int status : {199, 300, 400, 409, 500}) {
    CAPTURE(status);
    Bench bench;
    auto record = bench.begin(key());
    bench.finish(*record, Response(status, "{}"));
    CHECK(bench.rows() == 0);
    record = bench.begin(key("k1", "another request"));
    bench.finish(*record, Error(Errc::driver_error, "x"));
    CHECK(bench.rows() == 0);
  }
  Bench bench;
  bench.carry_out(key(), Response(299, "{}"));
  CHECK(bench.rows() == 1);
}

TEST_CASE("An answer that shows a secret is not stored; the repeat names the resource") {
  Bench bench;
  auto record = bench.begin(key(), Idempotency::secret);
  const auto call = bench.host().call();
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    co_return co_await record->complete(transaction, 201, R"({"plaintext":"ds_live_secret"})", "key_\"1");
  };
  REQUIRE(bench.run(db::transaction(bench.database(), *call, body)));
  bench.finish(*record, Response(201, R"({"plaintext":"ds_live_secret"})"));
  CHECK(bench.rows() == 1);
  CHECK(bench.stored_bodies().empty());
  CHECK(bench.conflict(key(), Idempotency::secret) == R"("idempotency_status":"completed","resource_id":"key_\"1")");
}

TEST_CASE("A secret answer is not stored either when the handler leaves the record to the host") {
  Bench bench;
  auto record = bench.begin(key(), Idempotency::secret);
  bench.finish(*record, Response(201, R"({"plaintext":"ds_live_secret"})"));
  CHECK(bench.rows() == 1);
  CHECK(bench.stored_bodies().empty());
  const auto claimed = bench.claim(key(), Idempotency::secret);
  REQUIRE_FALSE(claimed);
  CHECK(claimed.error().members.starts_with(R"("idempotency_status":"completed")"));
}

TEST_CASE("A record that its transaction completed stays, even when the handler then reports a failure") {
  Bench bench;
  auto record = bench.begin(key());
  const auto call = bench.host().call();
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    co_return co_await record->complete(transaction, 201, "{\"n\":1}", "");
  };
  REQUIRE(bench.run(db::transaction(bench.database(), *call, body)));
  bench.finish(*record, Error(Errc::outcome_unknown, "the answer was lost"));
  const auto again = bench.claim(key());
  REQUIRE(again);
  REQUIRE(again->replay);
  CHECK(again->replay->body == "{\"n\":1}");
}

TEST_CASE("A record whose transaction was rolled back is freed with it") {
  Bench bench;
  auto record = bench.begin(key());
  const auto call = bench.host().call();
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto completed = co_await record->complete(transaction, 201, "{}", "");
    if (!completed) co_return completed;
    co_return Error(Errc::conflict, "changed my mind");
  };
  CHECK_FALSE(bench.run(db::transaction(bench.database(), *call, body)));
  bench.finish(*record, Error(Errc::conflict, "changed my mind"));
  CHECK(bench.rows() == 0);
}

TEST_CASE("A second request under a running key waits and replays the result") {
  Bench bench;
  const auto record = bench.begin(key());
  const auto call = bench.host().call(std::chrono::seconds(30), 1);
  std::promise<Result<IdempotencyStore::Claim>> promise;
  auto second = promise.get_future();
  testing::call_on_io(
      bench.host(),
      [&] {
        start(bench.store().claim(*call, key(), Idempotency::replay),
              [&](Result<IdempotencyStore::Claim> claimed) { promise.set_value(std::move(claimed)); });
        return true;
      },
      1);
  // The second is suspended in its claim now: `start` returned without an answer, and nothing but the first can wake it.
  REQUIRE(second.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  bench.finish(*record, Response(201, "{\"n\":1}"));
  auto claimed = second.get();
  REQUIRE(claimed);
  REQUIRE(claimed->replay);
  CHECK(claimed->replay->body == "{\"n\":1}");
}

TEST_CASE("Of two that wait for a request that failed, one runs and the other waits for that one") {
  Bench bench;
  auto record = bench.begin(key());
  const auto call = bench.host().call(std::chrono::seconds(30), 1);
  std::promise<Result<IdempotencyStore::Claim>> promises[2];
  testing::call_on_io(
      bench.host(),
      [&] {
        for (auto& promise : promises)
          start(bench.store().claim(*call, key(), Idempotency::replay),
                [&promise](Result<IdempotencyStore::Claim> claimed) { promise.set_value(std::move(claimed)); });
        return true;
      },
      1);
  bench.finish(*record, Error(Errc::driver_error, "failed"));
  auto first = promises[0].get_future().get();
  REQUIRE(first);
  REQUIRE(first->record);
  auto second = promises[1].get_future();
  REQUIRE(second.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  bench.finish(*first->record, Response(201, "{\"n\":2}"));
  auto replayed = second.get();
  REQUIRE(replayed);
  REQUIRE(replayed->replay);
  CHECK(replayed->replay->body == "{\"n\":2}");
}

TEST_CASE("A request whose time is over or whose client is gone does not wait") {
  Bench bench;
  const auto record = bench.begin(key());
  const auto late = bench.host().call(std::chrono::milliseconds(0));
  const auto gone = bench.host().call();
  gone->cancel();
  for (const auto* call : {late.get(), gone.get()}) {
    const auto claimed = bench.run(bench.store().claim(*call, key(), Idempotency::replay));
    REQUIRE_FALSE(claimed);
    CHECK(claimed.error().members == R"("idempotency_status":"in_progress")");
  }
  bench.finish(*record, Response(201, "{}"));
}

TEST_CASE("A key that another server process holds is in progress") {
  Bench bench;
  const auto record = bench.begin(key());
  IdempotencyStore other(bench.database(), bench.host().scheduler(), bench.host().clock(), "node-2");
  const auto call = bench.host().call();
  const auto claimed = bench.run(other.claim(*call, key(), Idempotency::replay));
  REQUIRE_FALSE(claimed);
  CHECK(claimed.error().code == Errc::conflict);
  CHECK(claimed.error().members == R"("idempotency_status":"in_progress")");
  bench.finish(*record, Response(201, "{}"));
}

TEST_CASE("A start frees what a crash left reserved and keeps what was completed") {
  Bench bench;
  bench.carry_out(key("done"), Response(201, "{}"));
  const auto crashed = bench.begin(key("cut off"));  // never finished
  CHECK(bench.rows() == 2);
  bench.restart();
  CHECK(bench.rows() == 1);
  CHECK(bench.claim(key("done"))->replay);
  const auto record = bench.begin(key("cut off", "another request"));
  bench.finish(*record, Response(200, "{}"));
}

TEST_CASE("The start of one server leaves the reservations of another alone") {
  Bench bench;
  const auto running = bench.begin(key());
  IdempotencyStore other(bench.database(), bench.host().scheduler(), bench.host().clock(), "node-2");
  const auto call = bench.host().call();
  REQUIRE(bench.run(other.prepare(*call)));
  CHECK(bench.rows() == 1);
  CHECK_FALSE(bench.run(other.claim(*call, key(), Idempotency::replay)));
  bench.finish(*running, Response(201, "{}"));
  CHECK(bench.run(other.claim(*call, key(), Idempotency::replay))->replay);
}

TEST_CASE("What a server reserved that never came back is free after ten minutes") {
  Bench bench;
  const auto lost = bench.begin(key());
  IdempotencyStore other(bench.database(), bench.host().scheduler(), bench.host().clock(), "node-2");
  const auto claim = [&] {
    const auto call = bench.host().call();
    return bench.run(other.claim(*call, key(), Idempotency::replay));
  };
  bench.host().clock().advance(std::chrono::minutes(10) - std::chrono::microseconds(1));
  CHECK_FALSE(claim());
  bench.host().clock().advance(std::chrono::microseconds(1));
  const auto claimed = claim();
  REQUIRE(claimed);
  CHECK(claimed->record);
}

TEST_CASE("A key is kept for 24 hours and is free afterwards") {
  Bench bench;
  bench.carry_out(key(), Response(201, "{}"));
  bench.host().clock().advance(std::chrono::hours(24) - std::chrono::microseconds(1));
  CHECK(bench.claim(key())->replay);
  bench.host().clock().advance(std::chrono::microseconds(1));
  const auto record = bench.begin(key("k1", "another request"));
  bench.finish(*record, Response(200, "{\"n\":2}"));
  CHECK(bench.claim(key("k1", "another request"))->replay->body == "{\"n\":2}");
}

TEST_CASE("Purging deletes expired keys and no others") {
  Bench bench;
  bench.carry_out(key("old"), Response(201, "{}"));
  bench.host().clock().advance(std::chrono::hours(12));
  bench.carry_out(key("young"), Response(201, "{}"));
  bench.host().clock().advance(std::chrono::hours(12));
  const auto call = bench.host().call();
  auto purged = bench.run(bench.store().purge(*call));
  REQUIRE(purged);
  CHECK(*purged == 1);
  CHECK(bench.rows() == 1);
  CHECK(bench.claim(key("young"))->replay);
}

}  // namespace
}  // namespace driftstack::kernel

// Requests with an Idempotency-Key through all stages, on the store of a server.

#include <catch2/catch.hpp>
#include <future>

#include "pipeline_fixture.hpp"
#include "sample_routes.hpp"
#include "sqlite_store.hpp"

namespace driftstack::kernel {
namespace {

using test::PipelineFixture;
using test::Received;
using test::Sent;

struct Bench {
  Bench() : fixture(sqlite.host(), &sqlite.store()) {
    Route keyed = test::keyed_route(Method::post, "/v1/things", fixture.handler);
    keyed.idempotency = Idempotency::replay;
    keyed.body = BodyKind::json;
    keyed.scopes_any = ScopeSet{Scope::write};
    Route nested = keyed;
    nested.path = "/v1/things/{id}/copies";
    nested.operation_id = "copy";
    Route plain = keyed;
    plain.path = "/v1/plain";
    plain.operation_id = "plain";
    plain.idempotency = Idempotency::none;
    for (const auto& route : {keyed, nested, plain}) fixture.mount(route);
    caller = fixture.caller("good", 1, ScopeSet{Scope::write});
    fixture.caller("other", 2, ScopeSet{Scope::write});
  }
  Sent request(std::string target = "/v1/things", std::string body = R"({"name":"a"})") const {
    Sent sent("POST", std::move(target));
    sent.token("good").json(std::move(body)).with("Idempotency-Key", "k1");
    return sent;
  }
  test::SqliteStore sqlite;
  PipelineFixture fixture;
  Principal caller;
};

TEST_CASE("A keyed request runs once; its repeat is answered from the record with fresh headers") {
  Bench bench;
  const auto first = bench.fixture.send(bench.request());
  CHECK(first.status == 200);
  CHECK_FALSE(first.has("idempotent-replayed"));
  CHECK(bench.fixture.handler.keyed);
  const auto second = bench.fixture.send(bench.request());
  CHECK(second.status == 200);
  CHECK(second.body == first.body);
  CHECK(second.header("idempotent-replayed") == "1");
  CHECK(second.header("content-type") == "application/json");
  CHECK(second.header("x-request-id") != first.header("x-request-id"));
  CHECK(second.has("x-ratelimit-remaining"));
  CHECK(bench.fixture.handler.calls == 1);
}

TEST_CASE("The key holds for one account, one operation and one request") {
  Bench bench;
  bench.fixture.send(bench.request());
  CHECK(bench.fixture.send(bench.request().token("other")).body == R"({"n":2})");
  CHECK(bench.fixture.send(bench.request("/v1/things/7/copies")).body == R"({"n":3})");
  const auto other_path = bench.fixture.send(bench.request("/v1/things/8/copies"));
  CHECK(other_path.status == 409);
  CHECK(other_path.body.find(R"("idempotency_status":"mismatch")") != std::string::npos);
  const auto other_body = bench.fixture.send(bench.request("/v1/things", R"({"name":"b"})"));
  CHECK(other_body.status == 409);
  CHECK(other_body.slug() == "conflict");
  CHECK(bench.fixture.handler.calls == 3);
}

TEST_CASE("Routes that do not honour the header ignore it, even when it is malformed") {
  Bench bench;
  for (int i = 1; i <= 2; ++i) {
    const auto answer = bench.fixture.send(bench.request("/v1/plain").set("Idempotency-Key", "not a key"));
    CHECK(answer.body == "{\"n\":" + std::to_string(i) + "}");
    CHECK_FALSE(bench.fixture.handler.keyed);
  }
  CHECK(bench.sqlite.rows() == 0);
}

TEST_CASE("A blank key is no key, a malformed one is refused") {
  Bench bench;
  for (int i = 1; i <= 2; ++i)
    CHECK(bench.fixture.send(bench.request().set("Idempotency-Key", "  ")).body == "{\"n\":" + std::to_string(i) + "}");
  const auto answer = bench.fixture.send(bench.request().set("Idempotency-Key", "a b"));
  CHECK(answer.slug() == "bad-request");
  CHECK(bench.fixture.handler.calls == 2);
}

TEST_CASE("A failed request frees its key, so that the repeat runs") {
  Bench bench;
  bench.fixture.handler.answer = [] { return Error(Errc::driver_error, "failed"); };
  CHECK(bench.fixture.send(bench.request()).status == 502);
  CHECK(bench.sqlite.rows() == 0);
  bench.fixture.handler.answer = nullptr;
  const auto answer = bench.fixture.send(bench.request());
  CHECK(answer.status == 200);
  CHECK_FALSE(answer.has("idempotent-replayed"));
}

TEST_CASE("No key is stored for a request that is refused before any work") {
  Bench bench;
  bench.fixture.caller("reader", 3, ScopeSet{Scope::read});
  CHECK(bench.fixture.send(bench.request().token("bad")).status == 401);
  CHECK(bench.fixture.send(bench.request().token("reader")).status == 403);
  CHECK(bench.fixture.send(bench.request("/v1/things", "{")).status == 400);
  CHECK(bench.sqlite.rows() == 0);
  CHECK(bench.fixture.handler.calls == 0);
}

TEST_CASE("A body that is no JSON is refused before its key is compared; one that is reaches the comparison") {
  Bench bench;
  bench.fixture.send(bench.request());
  CHECK(bench.fixture.send(bench.request("/v1/things", "{")).detail() == "The body is not valid JSON.");
  CHECK(bench.fixture.send(bench.request("/v1/things", "[]")).slug() == "conflict");
}

TEST_CASE("Rate limit and scope are checked on a repeat as well") {
  Bench bench;
  bench.fixture.send(bench.request());
  bench.fixture.caller("good", 1, ScopeSet{Scope::read});
  CHECK(bench.fixture.send(bench.request()).status == 403);
  bench.fixture.limiter.close(bench.caller.account, "global");
  CHECK(bench.fixture.send(bench.request()).status == 429);
}

TEST_CASE("Of two requests at once one executes, and both get its answer") {
  Bench bench;
  std::promise<void> entered;
  std::coroutine_handle<> held;
  bench.fixture.handler.work = [&](const Call&, const Request&) -> Task<> {
    struct Hold {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<> handle) {
        held = handle;
        entered.set_value();
      }
      void await_resume() const noexcept {}
      std::coroutine_handle<>& held;
      std::promise<void>& entered;
    };
    Hold hold{held, entered};
    co_await hold;
  };
  bench.fixture.pipeline();
  auto first = std::async(std::launch::async, [&] { return bench.fixture.send(bench.request()); });
  entered.get_future().wait();
  auto second = std::async(std::launch::async, [&] { return bench.fixture.send(bench.request(), 1); });
  bench.sqlite.host().scheduler().resume_on_io(0, held);
  const auto one = first.get(), two = second.get();
  CHECK(one.body == R"({"n":1})");
  CHECK(two.body == one.body);
  CHECK(two.header("idempotent-replayed") == "1");
  CHECK(bench.fixture.handler.calls == 1);
}

}  // namespace
}  // namespace driftstack::kernel

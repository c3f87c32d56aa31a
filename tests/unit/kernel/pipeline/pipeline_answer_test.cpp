// What every answer carries, and how requests find their operation.

#include <catch2/catch.hpp>
#include <set>

#include "pipeline_fixture.hpp"
#include "sample_routes.hpp"

namespace driftstack::kernel {
namespace {

using test::PipelineFixture;
using test::Received;
using test::Sent;
using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Bench {
  Bench() : fixture(host) {
    fixture.caller("good", 1);
    fixture.options.cors_origins = {"https://app.example"};
  }
  Route open(std::string path = "/v1/things", Method method = Method::get) {
    return test::open_route(method, std::move(path), fixture.handler);
  }
  testing::FakeHost host;
  PipelineFixture fixture;
};

bool is_fresh_id(const std::string& id) {
  const auto uuid = Uuid::from_text(id);
  return uuid && (uuid->bytes()[6] >> 4) == 4;
}

TEST_CASE("Every answer, good or bad, has a request id, security headers, caching and a content type") {
  Bench bench;
  bench.fixture.mount(bench.open());
  bench.fixture.mount(test::keyed_route(Method::get, "/v1/private", bench.fixture.handler));
  for (const auto& request :
       {Sent(), Sent("GET", "/v1/nothing"), Sent("GET", "/v1/private"), Sent("GET", "//"), Sent("BREW", "/v1/things")}) {
    CAPTURE(request.method, request.target);
    const auto answer = bench.fixture.send(request);
    CHECK(is_fresh_id(answer.header("x-request-id")));
    CHECK(answer.header("x-content-type-options") == "nosniff");
    CHECK(answer.header("x-frame-options") == "SAMEORIGIN");
    CHECK(answer.has("strict-transport-security"));
    CHECK(answer.header("cache-control") == "no-store, private");
    CHECK(answer.header("content-type") == (answer.status == 200 ? "application/json" : "application/problem+json"));
    CHECK_FALSE(answer.has("content-security-policy"));
    CHECK_FALSE(answer.has("set-cookie"));
    CHECK_FALSE(answer.has("access-control-allow-origin"));
    CHECK(answer.status != 405);
  }
}

TEST_CASE("A problem names the request by the id of its header") {
  Bench bench;
  bench.fixture.mount(bench.open());
  const auto answer = bench.fixture.send(Sent("GET", "/v1/nothing").with("X-Request-Id", "trace.7_A-b"));
  CHECK(answer.header("x-request-id") == "trace.7_A-b");
  CHECK(answer.body.find(R"("instance":"trace.7_A-b")") != std::string::npos);
}

TEST_CASE("A client's request id is used only when it is well-formed") {
  Bench bench;
  bench.fixture.mount(bench.open());
  const std::string longest(128, 'a');
  CHECK(bench.fixture.send(Sent().with("x-request-id", longest)).header("x-request-id") == longest);
  for (const std::string& id :
       {std::string(129, 'a'), std::string(), std::string("a b"), std::string("a\"b"), std::string("a/b"), std::string("caf\xC3\xA9")}) {
    CAPTURE(id);
    CHECK(is_fresh_id(bench.fixture.send(Sent().with("X-Request-Id", id)).header("x-request-id")));
  }
}

TEST_CASE("Fresh request ids differ from request to request and from thread to thread") {
  Bench bench;
  bench.fixture.mount(bench.open());
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i)
    for (const IoThread thread : {0u, 1u}) ids.insert(bench.fixture.send(Sent(), thread).header("x-request-id"));
  CHECK(ids.size() == 100);
}

TEST_CASE("HEAD runs the GET operation, says so to the handler, and sends no body") {
  Bench bench;
  bench.fixture.mount(bench.open());
  const auto answer = bench.fixture.send(Sent("HEAD", "/v1/things"));
  CHECK(answer.status == 200);
  CHECK(answer.head_only);
  CHECK(bench.fixture.handler.method == Method::head);
  CHECK(answer.header("content-type") == "application/json");
  CHECK(bench.fixture.send(Sent("HEAD", "/v1/nothing")).head_only);
  CHECK_FALSE(bench.fixture.send(Sent()).head_only);
}

TEST_CASE("Unknown paths, unknown methods and methods that a path does not have are all not-found") {
  Bench bench;
  bench.fixture.mount(bench.open("/v1/things", Method::post));
  for (const auto& request : {Sent("GET", "/v1/things"), Sent("HEAD", "/v1/things"), Sent("PUT", "/v1/things"), Sent("BREW", "/v1/things"),
                              Sent("POST", "/v1/Things"), Sent("POST", "/v1/things/"), Sent("OPTIONS", "/v1/nothing")}) {
    CAPTURE(request.method, request.target);
    const auto answer = bench.fixture.send(request);
    CHECK(answer.status == 404);
    CHECK(answer.slug() == "not-found");
  }
  CHECK(bench.fixture.send(Sent("POST", "/v1/things")).status == 200);
}

TEST_CASE("Path parameters reach the handler decoded, one segment each, and the query as sent") {
  Bench bench;
  bench.fixture.mount(bench.open("/v1/zoos/{zoo}/animals/{animal}"));
  CHECK(bench.fixture.send(Sent("GET", "/v1/zoos/a%2Fb/animals/%C3%A9?limit=5&x=%20")).status == 200);
  CHECK(bench.fixture.handler.parameters == Pairs{{"zoo", "a/b"}, {"animal", "\xC3\xA9"}});
  CHECK(bench.fixture.handler.path == "/v1/zoos/a%2Fb/animals/%C3%A9");
  CHECK(bench.fixture.handler.query == "limit=5&x=%20");
  const auto answer = bench.fixture.send(Sent("GET", "/v1/zoos/%FF/animals/1"));
  CHECK(answer.status == 404);
  CHECK(bench.fixture.handler.calls == 1);
}

TEST_CASE("The accepted hosts are compared without case and without port") {
  Bench bench;
  bench.fixture.options.allowed_hosts = {"driftstack.test", "[::1]"};
  bench.fixture.mount(bench.open());
  Sent request;
  for (const char* host : {"driftstack.test", "DriftStack.Test", "driftstack.test:8080", "[::1]", "[::1]:8080"}) {
    CAPTURE(host);
    request.host = host;
    CHECK(bench.fixture.send(request).status == 200);
  }
  for (const char* host : {"", "evil.test", "driftstack.test.evil", "driftstack.test@evil", "::1", "driftstack.test:"}) {
    CAPTURE(host);
    request.host = host;
    CHECK(bench.fixture.send(request).status == (std::string_view(host) == "driftstack.test:" ? 200 : 400));
  }
}

TEST_CASE("A preflight needs no credential and answers 204 with what the origin may do") {
  Bench bench;
  bench.fixture.mount(test::keyed_route(Method::post, "/v1/things", bench.fixture.handler));
  const auto answer = bench.fixture.send(Sent("OPTIONS", "/v1/things").with("Origin", "https://app.example"));
  CHECK(answer.status == 204);
  CHECK(answer.body.empty());
  CHECK_FALSE(answer.has("content-type"));
  CHECK(answer.header("access-control-allow-origin") == "https://app.example");
  CHECK(answer.header("access-control-max-age") == "600");
  CHECK(answer.header("vary") == "Origin");
  CHECK(bench.fixture.handler.calls == 0);
  const auto stranger = bench.fixture.send(Sent("OPTIONS", "/v1/things").with("Origin", "https://evil.example"));
  CHECK(stranger.status == 204);
  CHECK_FALSE(stranger.has("access-control-allow-origin"));
  CHECK_FALSE(stranger.has("access-control-allow-methods"));
}

TEST_CASE("Answers to a listed origin may be read by its page, errors included; a stranger's request is processed without") {
  Bench bench;
  bench.fixture.mount(bench.open());
  for (const char* target : {"/v1/things", "/v1/nothing"}) {
    const auto answer = bench.fixture.send(Sent("GET", target).with("Origin", "https://app.example"));
    CHECK(answer.header("access-control-allow-origin") == "https://app.example");
    CHECK(answer.header("vary") == "Origin");
    CHECK_FALSE(answer.has("access-control-allow-methods"));
  }
  const auto stranger = bench.fixture.send(Sent().with("Origin", "https://evil.example"));
  CHECK(stranger.status == 200);
  CHECK_FALSE(stranger.has("access-control-allow-origin"));
}

TEST_CASE("A route's own caching holds for its successes alone") {
  Bench bench;
  Route route = bench.open();
  route.cache_control = "public, max-age=300";
  bench.fixture.mount(route);
  CHECK(bench.fixture.send(Sent()).header("cache-control") == "public, max-age=300");
  bench.fixture.handler.answer = [] { return Error(Errc::not_found, "gone"); };
  CHECK(bench.fixture.send(Sent()).header("cache-control") == "no-store, private");
}

TEST_CASE("A page carries the header set of pages, its errors that of the API") {
  Bench bench;
  Route route = bench.open("/docs");
  route.html = true;
  bench.fixture.mount(route);
  bench.fixture.handler.answer = [] {
    Response page(200, "<!doctype html>");
    page.content_type = "text/html; charset=utf-8";
    return page;
  };
  const auto page = bench.fixture.send(Sent("GET", "/docs"));
  CHECK(page.header("x-frame-options") == "DENY");
  CHECK(page.has("content-security-policy"));
  CHECK(page.header("content-type") == "text/html; charset=utf-8");
  bench.fixture.handler.answer = [] { return Error(Errc::not_found, "gone"); };
  const auto error = bench.fixture.send(Sent("GET", "/docs"));
  CHECK(error.header("x-frame-options") == "SAMEORIGIN");
  CHECK_FALSE(error.has("content-security-policy"));
}

TEST_CASE("A handler's headers are sent, but none that would split the answer") {
  Bench bench;
  bench.fixture.mount(bench.open());
  bench.fixture.handler.answer = [] {
    Response response(200, "{}");
    response.headers.emplace_back("Content-Disposition", "attachment");
    response.headers.emplace_back("X-Evil", "a\r\nSet-Cookie: b=c");
    response.headers.emplace_back("X-Evil\r\nSet-Cookie", "b=c");
    return response;
  };
  const auto answer = bench.fixture.send(Sent());
  CHECK(answer.header("content-disposition") == "attachment");
  CHECK_FALSE(answer.has("x-evil"));
  CHECK_FALSE(answer.has("set-cookie"));
}

TEST_CASE("An inner failure hides its detail from the client and shows it to the operator") {
  Bench bench;
  bench.fixture.mount(bench.open());
  bench.fixture.handler.answer = []() -> Result<Response> { return Error(Errc::unreachable, "database db.internal is away"); };
  const auto answer = bench.fixture.send(Sent().with("X-Request-Id", "req-1"));
  CHECK(answer.status == 500);
  CHECK(answer.slug() == "internal");
  CHECK(answer.body.find("db.internal") == std::string::npos);
  const auto lines = bench.host.log().lines("request failed");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].field("request_id") == "req-1");
  CHECK(lines[0].field("detail") == "database db.internal is away");
}

TEST_CASE("An exception in a handler is an inner failure") {
  Bench bench;
  bench.fixture.mount(bench.open());
  bench.fixture.handler.answer = []() -> Result<Response> { throw std::runtime_error("secret of the handler"); };
  const auto answer = bench.fixture.send(Sent());
  CHECK(answer.status == 500);
  CHECK(answer.body.find("secret") == std::string::npos);
}

TEST_CASE("A customer's mistake is not logged as a failure") {
  Bench bench;
  bench.fixture.mount(bench.open());
  bench.fixture.send(Sent("GET", "/v1/nothing"));
  CHECK(bench.host.log().lines("request failed").empty());
  CHECK(bench.host.log().lines("request").size() == 1);
}

TEST_CASE("What the connection refuses is a problem like any other, and closes") {
  Bench bench;
  bench.fixture.mount(bench.open());
  const auto answer =
      bench.fixture.refuse(Sent().with("Origin", "https://app.example"), Error(Errc::bad_request, "Two Content-Length headers."));
  CHECK(answer.status == 400);
  CHECK(answer.detail() == "Two Content-Length headers.");
  CHECK(answer.close);
  CHECK(is_fresh_id(answer.header("x-request-id")));
  CHECK(answer.header("x-content-type-options") == "nosniff");
  CHECK_FALSE(bench.fixture.send(Sent()).close);
}

struct BodyRow {
  const char* type;  ///< null: no Content-Type
  const char* body;
  bool accepted;
};

TEST_CASE("A JSON route takes JSON types and a missing or empty body, nothing else") {
  Bench bench;
  Route route = bench.open("/v1/things", Method::post);
  route.body = BodyKind::json;
  bench.fixture.mount(route);
  const BodyRow table[] = {
      {"application/json", "{}", true},
      {"application/json; charset=utf-8", "{}", true},
      {"application/json ;charset=utf-8", "{}", true},
      {"APPLICATION/JSON", "{}", true},
      {"application/merge-patch+json", "{}", true},
      {"text/plain", "", true},
      {"text/plain", "{}", false},
      {nullptr, "{}", false},
      {"", "{}", false},
      {"application/jsonp", "{}", false},
      {"text/json", "{}", false},
      {"application/x-www-form-urlencoded", "a=1", false},
  };
  for (const auto& row : table) {
    CAPTURE(row.type ? row.type : "none", row.body);
    Sent request("POST", "/v1/things");
    request.body = row.body;
    if (row.type) request.with("Content-Type", row.type);
    CHECK(bench.fixture.send(request).status == (row.accepted ? 200 : 400));
  }
  CHECK(bench.fixture.send(Sent("POST", "/v1/things")).status == 200);
}

TEST_CASE("A raw route takes any type, a route without a body drops it, and both keep to the limit") {
  Bench bench;
  Route raw = bench.open("/v1/raw", Method::post), none = bench.open("/v1/none", Method::post);
  raw.body = BodyKind::raw;
  raw.body_limit = none.body_limit = 4;
  bench.fixture.mount(raw);
  bench.fixture.mount(none);
  Sent request("POST", "/v1/raw");
  request.body = "\x01\x02\x03\x04";
  CHECK(bench.fixture.send(request).status == 200);
  CHECK(bench.fixture.handler.body == "\x01\x02\x03\x04");
  request.target = "/v1/none";
  CHECK(bench.fixture.send(request).status == 200);
  CHECK(bench.fixture.handler.body.empty());
  request.body = "12345";
  for (const char* target : {"/v1/raw", "/v1/none"}) {
    request.target = target;
    CHECK(bench.fixture.send(request).slug() == "payload-too-large");
  }
}

TEST_CASE("A request has 150 s from its first byte") {
  Bench bench;
  bench.host.clock().freeze();
  bench.fixture.mount(bench.open());
  bench.fixture.send(Sent());
  CHECK(bench.fixture.handler.deadline == bench.host.clock().steady() + std::chrono::seconds(150));
}

}  // namespace
}  // namespace driftstack::kernel

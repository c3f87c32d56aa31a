#include "kernel/pipeline/access_log.hpp"

#include <catch2/catch.hpp>

#include "driftstack/testing/fake_host.hpp"
#include "driftstack/testing/fixed_authenticator.hpp"
#include "sample_routes.hpp"

namespace driftstack::kernel {
namespace {

struct Bench {
  Bench() {
    host.clock().freeze();
    log.prepare({&route});
    exchange.method_text = "GET";
    exchange.route = &route;
    exchange.started = host.clock().steady();
    exchange.call.emplace("req-1", IoThread{0}, host.clock().steady());
    exchange.call->set_client("192.0.2.7", "agent");
    exchange.response.status = 200;
  }
  double count(const char* method, const char* path, const char* status_class) {
    return host.metrics().value("driftstack_http_request_total",
                                {Label("method", method), Label("route", path), Label("status_class", status_class)});
  }
  testing::FakeHost host;
  Route route = test::keyed_route(Method::get, "/v1/things/{id}");
  AccessLog log{host.log(), host.metrics(), host.clock()};
  Exchange exchange;
};

TEST_CASE("A request leaves one line with the route template, never the path, and one count") {
  Bench bench;
  bench.exchange.target = "/v1/things/secret?token=secret";
  bench.exchange.call->set_principal(testing::test_principal(7, ScopeSet()));
  bench.host.clock().advance(std::chrono::microseconds(1234));
  bench.log.record(bench.exchange, 99);
  const auto lines = bench.host.log().lines("request");
  REQUIRE(lines.size() == 1);
  const auto& line = lines[0];
  CHECK(line.level == LogLevel::info);
  CHECK(line.field("component") == "http");
  CHECK(line.field("request_id") == "req-1");
  CHECK(line.field("method") == "GET");
  CHECK(line.field("route") == "GET /v1/things/{id}");
  CHECK(line.field("status") == "200");
  CHECK(line.field("duration_us") == "1234");
  CHECK(line.field("bytes") == "99");
  CHECK(line.field("client") == "192.0.2.7");
  CHECK(line.field("account_id") == "acc_" + testing::test_principal(7, ScopeSet()).account.to_text());
  CHECK_FALSE(bench.host.log().mentions("secret"));
  CHECK(bench.count("GET", "/v1/things/{id}", "2xx") == 1);
}

TEST_CASE("Counts go to the class of the status") {
  Bench bench;
  for (const int status : {201, 304, 404, 429, 500}) {
    bench.exchange.response.status = status;
    bench.log.record(bench.exchange, 0);
  }
  CHECK(bench.count("GET", "/v1/things/{id}", "2xx") == 1);
  CHECK(bench.count("GET", "/v1/things/{id}", "3xx") == 1);
  CHECK(bench.count("GET", "/v1/things/{id}", "4xx") == 2);
  CHECK(bench.count("GET", "/v1/things/{id}", "5xx") == 1);
}

TEST_CASE("Requests without a route share one series, so that no client can make metrics") {
  Bench bench;
  bench.exchange.route = nullptr;
  bench.exchange.method_text = "BREW";
  bench.exchange.response.status = 404;
  bench.log.record(bench.exchange, 0);
  CHECK(bench.count("other", "unmatched", "4xx") == 1);
  CHECK(bench.host.log().lines("request")[0].field("route") == "other unmatched");
  CHECK(bench.host.log().lines("request")[0].field("account_id").empty());
}

TEST_CASE("A request that broke before it had a call is still logged") {
  Bench bench;
  bench.exchange.call.reset();
  bench.exchange.response.status = 400;
  bench.log.record(bench.exchange, 0);
  CHECK(bench.host.log().lines("request").size() == 1);
}

}  // namespace
}  // namespace driftstack::kernel

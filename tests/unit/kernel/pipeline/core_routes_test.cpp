#include "kernel/pipeline/core_routes.hpp"

#include <catch2/catch.hpp>

#include "driftstack/testing/fake_host.hpp"
#include "kernel/pipeline/route_table.hpp"

namespace driftstack::kernel {
namespace {

struct Bench {
  Response get(std::string_view path) {
    for (const auto& route : core.routes()) {
      if (route.path != path) continue;
      const auto call = host.call();
      Request request;
      auto answer = testing::run(host, route.handler->handle(*call, request));
      REQUIRE(answer);
      return *std::move(answer);
    }
    FAIL("no such route: " << path);
    return {};
  }
  testing::FakeHost host;
  WorkerRegistry workers{host.clock()};
  ReadinessReport report{host.clock(), workers};
  CoreRoutes core{report};
};

TEST_CASE("The kernel's own routes mount, are public, and the probes draw on no bucket") {
  Bench bench;
  RouteTable table([](std::string_view bucket) { return bucket == "ip:public"; });
  for (const auto& route : bench.core.routes()) {
    CAPTURE(route.path);
    CHECK(table.mount("kernel", route));
    CHECK(route.authentication == Authentication::none);
    CHECK((route.bucket == "none") == (route.path != "/openapi.json" && route.path != "/docs"));
  }
  CHECK(bench.core.routes().size() == 6);
}

TEST_CASE("All three health paths say that the process lives") {
  Bench bench;
  for (const char* path : {"/health", "/healthz", "/v1/health"}) {
    const auto answer = bench.get(path);
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"status":"ok"})");
  }
}

TEST_CASE("The readiness probe answers 200 or 503 with the same shape") {
  Bench bench;
  CHECK(bench.get("/ready").status == 200);
  bench.report.set_missing({"sessions"});
  const auto answer = bench.get("/ready");
  CHECK(answer.status == 503);
  CHECK(answer.content_type == "application/json");
  CHECK(answer.body.starts_with(R"({"status":"not_ready","checks":[)"));
}

TEST_CASE("The contract is served as JSON and as a page") {
  Bench bench;
  bench.core.set_documents("{}", "<!doctype html>");
  CHECK(bench.get("/openapi.json").body == "{}");
  CHECK(bench.get("/openapi.json").content_type == "application/json");
  CHECK(bench.get("/docs").body == "<!doctype html>");
  CHECK(bench.get("/docs").content_type == "text/html; charset=utf-8");
}

}  // namespace
}  // namespace driftstack::kernel

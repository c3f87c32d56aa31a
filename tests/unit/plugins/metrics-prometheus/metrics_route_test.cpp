#include <catch2/catch.hpp>

#include "driftstack/testing/plugin_fixture.hpp"

namespace driftstack::testing {
namespace {

const std::string kPackage = DRIFTSTACK_PLUGIN_PACKAGE;
constexpr char kToken[] = "scrape-me-0123456789";

/// GET /metrics with this Authorization header; null sends none.
Result<Response> get_metrics(PluginFixture& plugin, const char* authorization) {
  const Route* route = plugin.route(Method::get, "/metrics");
  REQUIRE(route != nullptr);
  std::vector<HeaderView> headers;
  if (authorization != nullptr) {
    HeaderView header;
    header.name = "Authorization";
    header.value = authorization;
    headers.push_back(header);
  }
  Request request;
  request.path = route->path;
  request.headers = headers;
  const auto call = plugin.host().call();
  return run(plugin.host(), route->handler->handle(*call, request));
}

void start(PluginFixture& plugin) {
  REQUIRE(plugin.configure());
  REQUIRE(plugin.start());
}

TEST_CASE("the right token gets the metrics as text") {
  PluginFixture plugin(kPackage, {{"scrape_token", kToken}});
  start(plugin);
  plugin.host().metrics().counter("driftstack_things_total", "Things.", {}).add(7);
  const auto response = get_metrics(plugin, "Bearer scrape-me-0123456789");
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(response->content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(response->body.find("\ndriftstack_things_total 7\n") != std::string::npos);
}

TEST_CASE("the scheme is compared without case, the token with it") {
  PluginFixture plugin(kPackage, {{"scrape_token", kToken}});
  start(plugin);
  CHECK(get_metrics(plugin, "bearer scrape-me-0123456789"));
  CHECK_FALSE(get_metrics(plugin, "Bearer SCRAPE-ME-0123456789"));
}

TEST_CASE("a missing or wrong token is unauthorized") {
  PluginFixture plugin(kPackage, {{"scrape_token", kToken}});
  start(plugin);
  const char* authorization = GENERATE(static_cast<const char*>(nullptr), "", "Bearer", "Bearer ", "Bearer x", "Bearer scrape-me-012345678",
                                       "Bearer scrape-me-01234567890", "Bearer scrape-me-0123456789scrape-me-0123456789",
                                       "Basic scrape-me-0123456789", "scrape-me-0123456789", "Bearerscrape-me-0123456789");
  INFO((authorization == nullptr ? "(none)" : authorization));
  const auto response = get_metrics(plugin, authorization);
  REQUIRE_FALSE(response);
  CHECK(response.error().code == Errc::unauthorized);
}

TEST_CASE("without a configured token the route is unavailable, whatever is sent") {
  PluginFixture plugin(kPackage);
  start(plugin);
  for (const char* authorization : {static_cast<const char*>(nullptr), "Bearer ", "Bearer x"})
    CHECK(get_metrics(plugin, authorization).error().code == Errc::feature_unavailable);
  CHECK(plugin.host().log().lines().size() == 1);
}

TEST_CASE("an empty token is refused before the start") {
  PluginFixture plugin(kPackage, {{"scrape_token", ""}});
  CHECK_FALSE(plugin.configure());
}

TEST_CASE("the token is never logged") {
  PluginFixture plugin(kPackage, {{"scrape_token", kToken}});
  start(plugin);
  (void)get_metrics(plugin, "Bearer scrape-me-0123456788");
  CHECK_FALSE(plugin.host().log().mentions("scrape-me"));
}

TEST_CASE("the route declares how it is protected") {
  PluginFixture plugin(kPackage, {{"scrape_token", kToken}});
  start(plugin);
  const Route* route = plugin.route(Method::get, "/metrics");
  REQUIRE(route != nullptr);
  CHECK(route->authentication == Authentication::scrape_token);
  CHECK(route->bucket == "ip:public");
}

}  // namespace
}  // namespace driftstack::testing

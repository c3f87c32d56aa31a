#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include "driftstack/testing/plugin_fixture.hpp"

using namespace driftstack;
using namespace driftstack::testing;

TEST_CASE("a guest is greeted by name, with the operator's word") {
  PluginFixture plugin(DRIFTSTACK_PLUGIN_PACKAGE, {{"greeting", "Good day"}});
  REQUIRE(plugin.configure());
  REQUIRE(plugin.start());
  const Route* route = plugin.route(Method::get, "/v1/hello/{name}");
  REQUIRE(route != nullptr);

  const ParameterView name{"name", "Ada"};
  Request request;
  request.parameters = {&name, 1};
  const auto call = plugin.host().call();
  const auto response = run(plugin.host(), route->handler->handle(*call, request));
  REQUIRE(response);
  CHECK(response->body == R"({"message":"Good day, Ada!"})");
}

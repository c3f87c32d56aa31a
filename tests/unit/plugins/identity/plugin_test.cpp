// The built package through its one exported symbol, as a server loads it.

#include <catch2/catch.hpp>
#include <set>
#include <utility>

#include "driftstack/roles/accounts.hpp"
#include "driftstack/roles/authenticator.hpp"
#include "driftstack/roles/key_administration.hpp"
#include "driftstack/testing/plugin_fixture.hpp"
#include "driftstack/testing/recording_audit_log.hpp"
#include "tests/unit/plugins/store_under_test.hpp"

namespace driftstack::identity::test {

TEST_CASE("the package does not configure without a database and an audit log") {
  testing::PluginFixture plugin(DRIFTSTACK_PLUGIN_PACKAGE);
  const auto configured = plugin.configure();
  REQUIRE_FALSE(configured);
  CHECK(configured.error().code == Errc::unavailable);
}

TEST_CASE("the package starts, makes the first keys, lets them in, and stops") {
  testing::RecordingAuditLog audit;
  testing::PluginFixture plugin(DRIFTSTACK_PLUGIN_PACKAGE);
  const auto store = testing::open_store_under_test(plugin.host());
  plugin.host().provide<db::Database>(&store->database());
  plugin.host().provide<AuditLog>(&audit);
  REQUIRE(plugin.configure());
  REQUIRE(plugin.start());

  auto* keys = plugin.provide<KeyAdministration>();
  auto* authenticator = plugin.provide<Authenticator>();
  REQUIRE(keys != nullptr);
  REQUIRE(authenticator != nullptr);
  REQUIRE(plugin.provide<AccountDirectory>() != nullptr);
  CHECK(plugin.provide<AccountDirectory>()->caps("api_scale").concurrent_sessions == 24);

  const auto call = plugin.host().call(std::chrono::minutes(5));
  auto made = testing::run(plugin.host(), keys->bootstrap(*call));
  REQUIRE(made);
  REQUIRE(*made);
  for (const std::string& token : {(**made).owner_key, (**made).staff_key}) {
    const auto principal = testing::run(plugin.host(), authenticator->authenticate(*call, token));
    REQUIRE(principal);
    CHECK(principal->account == (**made).account);
  }
  REQUIRE(plugin.stop());
  store->close();
}

TEST_CASE("every route declares who may call it, and no two are the same") {
  testing::RecordingAuditLog audit;
  testing::PluginFixture plugin(DRIFTSTACK_PLUGIN_PACKAGE);
  const auto store = testing::open_store_under_test(plugin.host());
  plugin.host().provide<db::Database>(&store->database());
  plugin.host().provide<AuditLog>(&audit);
  REQUIRE(plugin.configure());
  const auto routes = plugin.provide<RouteSource>()->routes();
  std::set<std::pair<Method, std::string>> seen;
  for (const Route& route : routes) {
    CAPTURE(route.path);
    CHECK(seen.emplace(route.method, route.path).second);
    // Signing in is open to everybody, each way with a limit of its own; all else needs a credential.
    const bool is_open = route.path.starts_with("/v1/auth/");
    const bool is_interactive = route.method == Method::delete_ && route.path == "/v1/account/me";
    CHECK(route.authentication == (is_open ? Authentication::none : is_interactive ? Authentication::web_session : Authentication::bearer));
    CHECK(route.scopes_any);
    CHECK(route.team == (is_open ? TeamAccess::not_applicable : route.team));
    CHECK(route.team != TeamAccess::undeclared);
    CHECK(is_open == route.bucket.starts_with("ip:"));
    CHECK(route.bucket != "ip:public");
    CHECK(route.handler != nullptr);
  }
  CHECK(seen.size() >= 21);
  CHECK(plugin.route(Method::post, "/v1/api-keys")->idempotency == Idempotency::secret);
  CHECK(plugin.route(Method::post, "/v1/api-keys/{id}/rotate")->idempotency == Idempotency::secret);
  store->close();
}

}  // namespace driftstack::identity::test

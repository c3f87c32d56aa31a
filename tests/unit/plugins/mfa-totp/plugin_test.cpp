// The built package through its one exported symbol, as a server loads it.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>
#include <utility>

#include "driftstack/roles/second_factor.hpp"
#include "driftstack/support/base64.hpp"
#include "driftstack/support/random_bytes.hpp"
#include "driftstack/testing/plugin_fixture.hpp"
#include "driftstack/testing/recording_audit_log.hpp"
#include "driftstack/testing/recording_sign_in_desk.hpp"
#include "tests/unit/plugins/store_under_test.hpp"

namespace driftstack::mfa_totp::test {
namespace {

struct World {
  World() : plugin(DRIFTSTACK_PLUGIN_PACKAGE), store(testing::open_store_under_test(plugin.host())) {
    plugin.host().provide<db::Database>(&store->database());
    plugin.host().provide<AuditLog>(&audit);
    plugin.host().provide<SignInDesk>(&desk);
    plugin.host().provide<SlowHash>(&desk);
  }
  ~World() { store->close(); }
  testing::RecordingAuditLog audit;
  testing::RecordingSignInDesk desk;
  testing::PluginFixture plugin;
  std::unique_ptr<testing::StoreUnderTest> store;
};

/// The variable for the time of a test.
struct Variable {
  explicit Variable(const char* value) { setenv("MFA_ENCRYPTION_KEY", value, 1); }
  ~Variable() { unsetenv("MFA_ENCRYPTION_KEY"); }
};

}  // namespace

TEST_CASE("the package does not configure without what it needs") {
  testing::PluginFixture plugin(DRIFTSTACK_PLUGIN_PACKAGE);
  const auto configured = plugin.configure();
  REQUIRE_FALSE(configured);
  CHECK(configured.error().code == Errc::unavailable);
}

TEST_CASE("the package starts, says that nobody is enrolled, and stops") {
  World world;
  REQUIRE(world.plugin.configure());
  REQUIRE(world.plugin.start());
  auto* const factor = world.plugin.provide<SecondFactor>();
  REQUIRE(factor != nullptr);
  const auto call = world.plugin.host().call();
  const Uuid nobody = random_uuid();
  const auto enrolled = testing::run(world.plugin.host(), factor->is_enrolled(*call, nobody));
  REQUIRE(enrolled);
  CHECK_FALSE(*enrolled);
  std::set<std::pair<Method, std::string>> seen;
  for (const Route& route : world.plugin.provide<RouteSource>()->routes()) {
    CHECK(seen.emplace(route.method, route.path).second);
    CHECK(route.scopes_any);
    CHECK(route.step_up == (route.path.ends_with("/disable") || route.path.ends_with("/regenerate") || route.method == Method::delete_));
  }
  CHECK(seen.size() == 8);
  REQUIRE(world.plugin.stop());
}

TEST_CASE("a key of the wrong form in the environment refuses the start and is not shown") {
  const Variable variable("not-a-key");
  World world;
  const auto configured = world.plugin.configure();
  REQUIRE_FALSE(configured);
  CHECK(configured.error().detail.find("not-a-key") == std::string::npos);
}

TEST_CASE("a key in the environment is taken") {
  const std::string key = base64_encode(std::string(32, 'k'));
  const Variable variable(key.c_str());
  World world;
  REQUIRE(world.plugin.configure());
  REQUIRE(world.plugin.start());
  REQUIRE(world.plugin.stop());
}

TEST_CASE("a start without the key under which factors are sealed is refused") {
  static constinit const db::Statement kForeign(
      "INSERT INTO mfa_totp_factors (account_id, key_id, sealed_seed, created_at, last_step, recovery_salt) "
      "VALUES ('a', '0123456789abcdef', 'x', 0, 0, '')");
  World world;
  REQUIRE(world.plugin.configure());
  REQUIRE(world.plugin.start());
  const auto call = world.plugin.host().call();
  REQUIRE(testing::run(world.plugin.host(), world.store->database().write(*call, kForeign, db::values())));
  REQUIRE(world.plugin.stop());
  const auto started = world.plugin.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().detail.find("0123456789abcdef") != std::string::npos);
}

}  // namespace driftstack::mfa_totp::test

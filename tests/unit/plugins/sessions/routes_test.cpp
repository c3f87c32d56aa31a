#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "driftstack/testing/wire_complete.hpp"
#include "sessions_fixture.hpp"
#include "wire.hpp"

namespace driftstack::sessions::test {
namespace {

static_assert(testing::wire_complete<body::SessionCreate>);
static_assert(testing::wire_complete<body::Session>);
static_assert(testing::wire_complete<body::SessionListQuery>);
static_assert(testing::wire_complete<body::Navigate>);
static_assert(testing::wire_complete<body::Navigated>);
static_assert(testing::wire_complete<body::Interact>);
static_assert(testing::wire_complete<body::Interacted>);
static_assert(testing::wire_complete<body::Wait>);
static_assert(testing::wire_complete<body::State>);
static_assert(testing::wire_complete<body::Capture>);
static_assert(testing::wire_complete<body::Captured>);
static_assert(testing::wire_complete<body::Extract>);
static_assert(testing::wire_complete<body::Archetype>);
static_assert(testing::wire_complete<body::ArchetypeList>);
static_assert(testing::wire_complete<body::EgressCapabilities>);

const Route& route_of(SessionsFixture& fixture, Method method, const char* path) {
  const Route* route = fixture.plugin().route(method, path);
  INFO(path);
  REQUIRE(route != nullptr);
  return *route;
}

TEST_CASE("each route declares the scopes, team role and bucket of the specification") {
  SessionsFixture fixture;
  const ScopeSet read{Scope::read, Scope::read_sessions};
  const ScopeSet write{Scope::write, Scope::write_sessions};
  const auto declares = [&](Method method, const char* path, ScopeSet scopes, TeamAccess team, const char* bucket) {
    const Route& route = route_of(fixture, method, path);
    CHECK(route.authentication == Authentication::bearer);
    CHECK(route.scopes_any == scopes);
    CHECK(route.team == team);
    CHECK(route.bucket == bucket);
    CHECK(route.charges_owner);
    CHECK_FALSE(route.summary.empty());
  };
  declares(Method::post, "/v1/sessions", write, TeamAccess::admin_write, "sessions:create");
  declares(Method::get, "/v1/sessions", read, TeamAccess::member_read, "global");
  declares(Method::get, "/v1/sessions/{id}", read, TeamAccess::member_read, "global");
  declares(Method::delete_, "/v1/sessions/{id}", write, TeamAccess::admin_write, "global");
  declares(Method::get, "/v1/sessions/{id}/state", read, TeamAccess::admin_only, "global");
  for (const char* operation : {"navigate", "interact", "wait", "capture", "extract", "search", "login", "proxy"}) {
    declares(Method::post, (std::string("/v1/sessions/{id}/") + operation).c_str(), write, TeamAccess::admin_write, "global");
  }
  CHECK(route_of(fixture, Method::post, "/v1/sessions").idempotency == Idempotency::replay);
  CHECK(route_of(fixture, Method::post, "/v1/sessions").success == 201);
  CHECK(route_of(fixture, Method::delete_, "/v1/sessions/{id}").success == 204);
}

TEST_CASE("operation ids are unique") {
  SessionsFixture fixture;
  std::set<std::string> ids;
  for (const Route& route : fixture.plugin().provide<RouteSource>()->routes()) CHECK(ids.insert(route.operation_id).second);
}

TEST_CASE("archetypes are public and cacheable, exactly one is the default") {
  SessionsFixture fixture;
  const Route& route = route_of(fixture, Method::get, "/v1/archetypes");
  CHECK(route.authentication == Authentication::none);
  CHECK(route.cache_control == "public, max-age=300");
  const auto answer = fixture.get("/v1/archetypes");
  REQUIRE(answer);
  const auto json = wire::Json::parse(answer->body);
  int defaults = 0;
  for (const auto& entry : json->view().find("data")->elements()) {
    for (const char* key : {"id", "display_label", "device", "ios_version", "safari_version", "canvas_family", "status"}) {
      INFO(key);
      CHECK_FALSE(entry.find(key)->as_text()->empty());
    }
    if (!*entry.find("is_default")->as_bool()) continue;
    ++defaults;
    CHECK(entry.find("id")->as_text() == json->view().find("default_archetype_id")->as_text());
    CHECK(entry.find("status")->as_text() == "launch");
  }
  CHECK(defaults == 1);
}

TEST_CASE("search and login of a backend without them are 503 and the retired proxy routes 410, even for a session that does not exist") {
  Options options;
  options.with_forms = false;
  SessionsFixture fixture(options);
  for (const char* operation : {"search", "login"}) {
    const auto answer = fixture.post(std::string("/v1/sessions/ses_bad/") + operation, "not json");
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Errc::driver_not_integrated);
  }
  for (const Method method : {Method::get, Method::post}) {
    const auto answer = fixture.send(method, "/v1/sessions/ses_bad/proxy", "not json");
    REQUIRE(answer);
    CHECK(answer->status == 410);
    CHECK(answer->content_type == "application/problem+json");
    CHECK(text_member(answer->body, "type") == "https://errors.driftstack.dev/feature-unavailable");
    CHECK(json_member(answer->body, "status") == "410");
    CHECK(text_member(answer->body, "code") == "endpoint_retired");
    CHECK_FALSE(text_member(answer->body, "title").empty());
    CHECK_FALSE(text_member(answer->body, "detail").empty());
  }
  CHECK(fixture.browsers.dispatches() == 0);
}

}  // namespace
}  // namespace driftstack::sessions::test

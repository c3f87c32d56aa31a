// Who calls, for whom, and what the handler learns about it.

#include <catch2/catch.hpp>

#include "pipeline_fixture.hpp"
#include "sample_routes.hpp"

namespace driftstack::kernel {
namespace {

using test::PipelineFixture;
using test::Sent;
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Bench {
  Bench() : fixture(host) {
    caller = fixture.caller("good", 1, ScopeSet{Scope::read});
    owner = testing::test_principal(2, ScopeSet()).account;
  }
  Route route(std::string path = "/v1/things") { return test::keyed_route(Method::get, std::move(path), fixture.handler); }
  Sent team_request() const { return Sent().token("good").with("X-Driftstack-Account", "acc_" + owner.to_text()); }

  testing::FakeHost host;
  PipelineFixture fixture;
  Principal caller;
  Uuid owner;
};

TEST_CASE("A bearer token is read in one spelling of its scheme and as one word") {
  Bench bench;
  bench.fixture.mount(bench.route());
  for (const char* value : {"Bearer good", "bearer good", "BEARER good", "Bearer   good"}) {
    CAPTURE(value);
    CHECK(bench.fixture.send(Sent().with("Authorization", value)).status == 200);
  }
  for (const char* value : {"", "good", "Bearer", "Bearer ", "Bearer good bad", "Basic good", "Token good", "Bearergood"}) {
    CAPTURE(value);
    const auto answer = bench.fixture.send(Sent().with("Authorization", value));
    CHECK(answer.status == 401);
    CHECK(answer.slug() == "unauthorized");
  }
  CHECK(bench.fixture.send(Sent()).slug() == "unauthorized");
}

TEST_CASE("A refused key answers with its reason, from memory as well as from the full check") {
  Bench bench;
  bench.fixture.mount(bench.route());
  const std::pair<Errc, const char*> table[] = {
      {Errc::invalid_key, "invalid-key"}, {Errc::revoked_key, "revoked-key"}, {Errc::expired_key, "expired-key"}};
  for (const auto& [code, slug] : table) {
    bench.fixture.authenticator.refuse("good", code);
    for (int i = 0; i < 2; ++i) CHECK(bench.fixture.send(Sent().token("good")).slug() == slug);
  }
}

TEST_CASE("Two credentials are refused even when both are the same good one") {
  Bench bench;
  bench.fixture.mount(bench.route());
  const auto answer = bench.fixture.send(Sent().token("good").with("authorization", "Bearer good"));
  CHECK(answer.status == 400);
  CHECK(answer.slug() == "bad-request");
  CHECK(bench.fixture.handler.calls == 0);
}

TEST_CASE("One of the needed scopes is enough, a granular one never covers a broad one") {
  Bench bench;
  Route route = bench.route();
  route.scopes_any = ScopeSet{Scope::read, Scope::read_audit};
  bench.fixture.mount(route);
  struct Row {
    ScopeSet held;
    bool allowed;
  };
  const Row table[] = {
      {ScopeSet{Scope::read}, true},
      {ScopeSet{Scope::read_audit}, true},
      {ScopeSet{Scope::account_owner}, true},
      {ScopeSet{Scope::admin}, true},
      {ScopeSet{}, false},
      {ScopeSet{Scope::write}, false},
      {ScopeSet{Scope::read_sessions}, false},
      {ScopeSet{Scope::driftstack_internal_admin}, false},
  };
  for (const auto& row : table) {
    CAPTURE(row.held.bits());
    bench.fixture.caller("good", 1, row.held);
    const auto answer = bench.fixture.send(Sent().token("good"));
    CHECK(answer.status == (row.allowed ? 200 : 403));
    if (!row.allowed) CHECK(answer.detail() == "This operation needs the scope \"read\" or \"read:audit\".");
  }
}

TEST_CASE("A staff route needs exactly the staff scope; owning an account is not enough") {
  Bench bench;
  Route route = bench.route();
  route.authentication = Authentication::staff;
  route.scopes_any = ScopeSet{Scope::driftstack_internal_admin};
  bench.fixture.mount(route);
  bench.fixture.caller("owner", 2, ScopeSet{Scope::account_owner, Scope::admin});
  bench.fixture.caller("staff", 3, ScopeSet{Scope::driftstack_internal_admin});
  CHECK(bench.fixture.send(Sent().token("owner")).status == 403);
  CHECK(bench.fixture.send(Sent().token("staff")).status == 200);
}

TEST_CASE("An interactive route refuses keys and tokens") {
  Bench bench;
  Route route = bench.route();
  route.authentication = Authentication::web_session;
  bench.fixture.mount(route);
  Principal caller = bench.caller;
  for (const auto kind : {CredentialKind::api_key, CredentialKind::oauth_token, CredentialKind::web_session}) {
    caller.kind = kind;
    bench.fixture.authenticator.add("good", caller);
    CHECK(bench.fixture.send(Sent().token("good")).status == (kind == CredentialKind::web_session ? 200 : 403));
  }
}

TEST_CASE("The role that a team request needs depends on the route") {
  struct Row {
    TeamAccess access;
    TeamRole role;
    bool allowed;
  };
  const Row table[] = {
      {TeamAccess::member_read, TeamRole::member, true},  {TeamAccess::member_read, TeamRole::admin, true},
      {TeamAccess::admin_write, TeamRole::member, false}, {TeamAccess::admin_write, TeamRole::admin, true},
      {TeamAccess::admin_only, TeamRole::member, false},  {TeamAccess::admin_only, TeamRole::admin, true},
  };
  for (const auto& row : table) {
    CAPTURE(static_cast<int>(row.access), static_cast<int>(row.role));
    Bench bench;
    Route route = bench.route();
    route.team = row.access;
    bench.fixture.mount(route);
    bench.fixture.authenticator.add_member(bench.caller.account, bench.owner, TierSlug("team_manual"), row.role);
    const auto answer = bench.fixture.send(bench.team_request());
    CHECK(answer.status == (row.allowed ? 200 : 403));
    if (!row.allowed) continue;
    REQUIRE(bench.fixture.handler.principal);
    CHECK(bench.fixture.handler.principal->account == bench.caller.account);
    CHECK(bench.fixture.handler.principal->effective_account == bench.owner);
    CHECK(bench.fixture.handler.principal->effective_tier == TierSlug("team_manual"));
  }
}

TEST_CASE("A route that ignores the team header acts for the caller, even when the header is nonsense") {
  Bench bench;
  bench.fixture.mount(bench.route());
  CHECK(bench.fixture.send(bench.team_request()).status == 200);
  REQUIRE(bench.fixture.handler.principal);
  CHECK(bench.fixture.handler.principal->effective_account == bench.caller.account);
  CHECK(bench.fixture.send(Sent().token("good").with("X-Driftstack-Account", "nonsense")).status == 200);
}

TEST_CASE("A malformed account is a bad request on a route that honours the header") {
  Bench bench;
  Route route = bench.route();
  route.team = TeamAccess::member_read;
  bench.fixture.mount(route);
  CHECK(bench.fixture.send(Sent().token("good").with("X-Driftstack-Account", "nonsense")).slug() == "bad-request");
}

TEST_CASE("A public route has no caller and does not look at the credential") {
  Bench bench;
  bench.fixture.mount(test::open_route(Method::get, "/v1/things", bench.fixture.handler));
  CHECK(bench.fixture.send(Sent().token("bad")).status == 200);
  CHECK_FALSE(bench.fixture.handler.principal);
}

TEST_CASE("Without an authenticator a route that needs a credential is unavailable, a public one works") {
  Bench bench;
  bench.fixture.mount(bench.route());
  bench.fixture.mount(test::open_route(Method::get, "/v1/open", bench.fixture.handler));
  bench.fixture.without_authenticator = true;
  CHECK(bench.fixture.send(Sent().token("good")).slug() == "feature-unavailable");
  CHECK(bench.fixture.send(Sent("GET", "/v1/open")).status == 200);
}

TEST_CASE("Headers that claim an identity never reach a handler, all others do") {
  Bench bench;
  bench.fixture.mount(bench.route());
  Sent request;
  request.token("good")
      .with("Accept", "*/*")
      .with("X-Forwarded-For", "1.2.3.4")
      .with("X-Forwarded-Proto", "https")
      .with("Forwarded", "for=1.2.3.4");
  request.with("X-Real-IP", "1.2.3.4")
      .with("X-Driftstack-Account", "x")
      .with("x-driftstack-anything", "x")
      .with("X_Driftstack_Account", "x");
  request.with("x_forwarded_for", "1.2.3.4").with("X-Custom", "kept").with("X-Realistic", "kept").with("Forwarded-Ish", "kept");
  CHECK(bench.fixture.send(request).status == 200);
  CHECK(bench.fixture.handler.headers ==
        Headers{{"Accept", "*/*"}, {"X-Custom", "kept"}, {"X-Realistic", "kept"}, {"Forwarded-Ish", "kept"}});
}

TEST_CASE("Only a route that verifies the sender itself sees the Authorization header") {
  const auto authentication = GENERATE(Authentication::none, Authentication::scrape_token, Authentication::provider_signature);
  Bench bench;
  Route route = test::open_route(Method::get, "/v1/things", bench.fixture.handler);
  route.authentication = authentication;
  bench.fixture.mount(route);
  CHECK(bench.fixture.send(Sent().token("scrape")).status == 200);
  CHECK(bench.fixture.handler.headers.size() == (authentication == Authentication::none ? 0u : 1u));
}

TEST_CASE("The handler learns the client's address behind a trusted proxy, and its limits follow that address") {
  Bench bench;
  bench.fixture.options.trusted_proxies = {*Network::parse("10.0.0.0/8")};
  bench.fixture.mount(test::open_route(Method::get, "/v1/things", bench.fixture.handler));
  Sent request;
  request.with("X-Forwarded-For", "203.0.113.9");
  bench.fixture.send(request);
  CHECK(bench.fixture.handler.client == "192.0.2.7");
  request.peer = "10.0.0.1";
  bench.fixture.send(request);
  CHECK(bench.fixture.handler.client == "203.0.113.9");
  CHECK(bench.fixture.limiter.draws.back().first == test::address_key("203.0.113.9"));
}

}  // namespace
}  // namespace driftstack::kernel

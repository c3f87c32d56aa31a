// The order of checks (platform.md 2.3) without keys; with keys: pipeline_keyed_test.cpp.

#include <catch2/catch.hpp>

#include "pipeline_fixture.hpp"
#include "sample_routes.hpp"

namespace driftstack::kernel {
namespace {

using test::PipelineFixture;
using test::Received;
using test::Sent;
using test::SubjectLimiter;

/// A team request that passes every check: account 1 acts as admin for account 2.
struct World {
  World() : fixture(host) {
    Route route = test::keyed_route(Method::post, "/v1/things", fixture.handler);
    route.scopes_any = ScopeSet{Scope::write};
    route.team = TeamAccess::admin_write;
    route.charges_owner = true;
    route.step_up = true;
    route.body = BodyKind::json;
    route.body_limit = 64;
    fixture.mount(route);
    fixture.options.allowed_hosts = {"driftstack.test"};
    caller = fixture.caller("good", 1, ScopeSet{Scope::write});
    owner = testing::test_principal(2, ScopeSet()).account;
    fixture.authenticator.add_member(caller.account, owner, TierSlug("team_manual"), TeamRole::admin);
    request.token("good").json("{}").with("X-Driftstack-Account", "acc_" + owner.to_text());
  }
  testing::FakeHost host;
  PipelineFixture fixture;
  Principal caller;
  Uuid owner;
  Sent request{"POST", "/v1/things"};
};

struct Stage {
  const char* name;
  void (*fail)(World& world);
  int status;
  const char* slug;
  const char* detail;
  bool shows_rate;  ///< the actor's bucket was consulted, so the seven headers are there
};

const Stage kStages[] = {
    {"host", [](World& w) { w.request.host = "evil.test"; }, 400, "bad-request",
     "The Host header names a host that this server does not answer for; see server.allowed_hosts.", false},
    {"path form", [](World& w) { w.request.target = "/v1/../things"; }, 400, "bad-request", "The request path has a dot segment.", false},
    {"route", [](World& w) { w.request.target = "/v1/nothing"; }, 404, "not-found", "There is no operation POST /v1/nothing.", false},
    {"two credentials", [](World& w) { w.request.with("authorization", "Bearer good"); }, 400, "bad-request",
     "The request carries two credentials; send one Authorization header.", false},
    {"credential", [](World& w) { w.request.token("bad"); }, 401, "invalid-key", "The API key is not known.", false},
    {"actor bucket", [](World& w) { w.fixture.limiter.close(w.caller.account, "global"); }, 429, "rate-limited",
     "Bucket \"global\" is empty for tier \"api_starter\".", true},
    {"scope",
     [](World& w) {
       w.fixture.caller("good", 1, ScopeSet{Scope::read, Scope::write_sessions});
     },
     403, "forbidden", "This operation needs the scope \"write\".", true},
    {"team", [](World& w) { w.request.set("X-Driftstack-Account", "acc_" + testing::test_principal(3, ScopeSet()).account.to_text()); },
     403, "forbidden", "You are not on that account's team.", true},
    {"role", [](World& w) { w.fixture.authenticator.add_member(w.caller.account, w.owner, TierSlug("team_manual"), TeamRole::member); },
     403, "forbidden", "This operation needs the role admin in the team.", true},
    {"owner bucket", [](World& w) { w.fixture.limiter.close(w.owner, "global"); }, 429, "rate-limited",
     "Too many requests. Try again later.", false},
    {"second factor", [](World& w) { w.fixture.authenticator.require_step_up(w.caller.credential); }, 403, "mfa-step-up-required",
     "A fresh second factor is needed for this action.", true},
    {"content encoding", [](World& w) { w.request.with("Content-Encoding", "gzip"); }, 400, "bad-request",
     "Content-Encoding is not accepted on requests.", true},
    {"body size", [](World& w) { w.request.body = std::string(65, ' '); }, 413, "payload-too-large", "The body is too large.", true},
    {"content type", [](World& w) { w.request.set("Content-Type", "text/plain"); }, 400, "bad-request",
     "The body must be JSON, sent with \"Content-Type: application/json\".", true},
    {"handler", [](World& w) { w.fixture.handler.answer = [] { return Error(Errc::validation_failed, "name is required"); }; }, 400,
     "validation-failed", "name is required", true},
};

TEST_CASE("A request that passes every check reaches its handler, and both buckets are charged in order") {
  World world;
  const auto answer = world.fixture.send(world.request);
  CHECK(answer.status == 200);
  CHECK(world.fixture.handler.calls == 1);
  CHECK(world.fixture.limiter.draws == std::vector<SubjectLimiter::Draw>{{world.caller.account, "global"}, {world.owner, "global"}});
}

TEST_CASE("Each check wins over every later one") {
  for (std::size_t first = 0; first < std::size(kStages); ++first) {
    const Stage& stage = kStages[first];
    CAPTURE(stage.name);
    World world;
    for (std::size_t i = std::size(kStages); i > first; --i) kStages[i - 1].fail(world);
    const auto answer = world.fixture.send(world.request);
    CHECK(answer.status == stage.status);
    CHECK(answer.slug() == stage.slug);
    CHECK(answer.detail() == stage.detail);
    CHECK(answer.has("x-ratelimit-limit") == stage.shows_rate);
    CHECK((world.fixture.handler.calls == 1) == (first + 1 == std::size(kStages)));
  }
}

TEST_CASE("Each check refuses by itself") {
  for (const auto& stage : kStages) {
    CAPTURE(stage.name);
    World world;
    stage.fail(world);
    const auto answer = world.fixture.send(world.request);
    CHECK(answer.status == stage.status);
    CHECK(answer.detail() == stage.detail);
  }
}

TEST_CASE("A refused request is not read: its body stays on the wire until everything else was checked") {
  for (const auto& stage : kStages) {
    CAPTURE(stage.name);
    World world;
    stage.fail(world);
    const auto answer = world.fixture.send(world.request);
    const bool reads = std::string_view(stage.name) == "body size" || std::string_view(stage.name) == "content type" ||
                       std::string_view(stage.name) == "handler";
    CHECK(answer.body_was_read == reads);
  }
}

TEST_CASE("A denied request takes nothing from later buckets") {
  World world;
  world.fixture.limiter.close(world.caller.account, "global");
  world.fixture.send(world.request);
  CHECK(world.fixture.limiter.draws == std::vector<SubjectLimiter::Draw>{{world.caller.account, "global"}});
}

}  // namespace
}  // namespace driftstack::kernel

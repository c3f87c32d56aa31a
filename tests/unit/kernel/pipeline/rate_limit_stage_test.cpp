#include <catch2/catch.hpp>

#include "kernel/pipeline/client_address.hpp"
#include "pipeline_fixture.hpp"
#include "sample_routes.hpp"

namespace driftstack::kernel {
namespace {

using test::address_key;
using test::PipelineFixture;
using test::Received;
using test::Sent;
using test::SubjectLimiter;

constexpr const char* kRateHeaders[] = {"x-ratelimit-bucket", "x-ratelimit-limit",   "x-ratelimit-remaining", "x-ratelimit-reset",
                                        "ratelimit-limit",    "ratelimit-remaining", "ratelimit-reset"};

bool shows_no_rate(const Received& answer) {
  for (const char* name : kRateHeaders)
    if (answer.has(name)) return false;
  return true;
}

struct Bench {
  Bench() : fixture(host) {
    Route session = test::keyed_route(Method::post, "/v1/sessions", fixture.handler);
    session.bucket = "sessions:create";
    session.team = TeamAccess::admin_write;
    session.charges_owner = true;
    Route profile = test::keyed_route(Method::post, "/v1/profiles", fixture.handler);
    profile.team = TeamAccess::admin_write;
    Route probe = test::open_route(Method::get, "/health", fixture.handler);
    probe.bucket = "none";
    for (const auto& route : {session, profile, probe, test::open_route(Method::get, "/v1/status", fixture.handler)}) fixture.mount(route);
    caller = fixture.caller("good", 1);
    owner = testing::test_principal(2, ScopeSet()).account;
    fixture.authenticator.add_member(caller.account, owner, TierSlug("team_manual"), TeamRole::admin);
  }
  Sent sent(const char* method, const char* target) const { return Sent(method, target).token("good"); }
  Sent for_team(const char* target) const { return sent("POST", target).with("X-Driftstack-Account", "acc_" + owner.to_text()); }

  testing::FakeHost host;
  PipelineFixture fixture;
  Principal caller;
  Uuid owner;
};

TEST_CASE("An answer to an account shows the seven numbers of the one bucket that it drew on") {
  Bench bench;
  const bool from_store = GENERATE(false, true);
  if (from_store) bench.fixture.limiter.ask_store();
  const auto answer = bench.fixture.send(bench.sent("POST", "/v1/sessions"));
  CHECK(answer.status == 200);
  CHECK(answer.header("x-ratelimit-bucket") == "sessions:create");
  CHECK(answer.header("x-ratelimit-limit") == "240");
  CHECK(answer.header("x-ratelimit-remaining") == "239");
  CHECK(answer.header("x-ratelimit-reset") == "1767225660");
  CHECK(answer.header("ratelimit-limit") == "240");
  CHECK(answer.header("ratelimit-remaining") == "239");
  CHECK(answer.header("ratelimit-reset") == "60");
  CHECK_FALSE(answer.has("retry-after"));
  CHECK(bench.fixture.limiter.draws == std::vector<SubjectLimiter::Draw>{{bench.caller.account, "sessions:create"}});
}

TEST_CASE("An empty bucket of the caller answers 429 with the bucket, the tier and the wait, and all seven headers") {
  Bench bench;
  bench.fixture.limiter.close(bench.caller.account, "sessions:create");
  const auto answer = bench.fixture.send(bench.sent("POST", "/v1/sessions"));
  CHECK(answer.status == 429);
  CHECK(answer.detail() == "Bucket \"sessions:create\" is empty for tier \"api_starter\".");
  CHECK(answer.header("retry-after") == "7");
  CHECK(answer.body.find(R"("retry_after_seconds":7)") != std::string::npos);
  CHECK(answer.body.find(R"("bucket")") == std::string::npos);
  CHECK(answer.header("x-ratelimit-remaining") == "0");
  for (const char* name : kRateHeaders) CHECK(answer.has(name));
  CHECK(bench.fixture.handler.calls == 0);
}

TEST_CASE("An empty bucket of the team's owner tells the caller nothing about that account") {
  Bench bench;
  bench.fixture.limiter.close(bench.owner, "sessions:create");
  const auto answer = bench.fixture.send(bench.for_team("/v1/sessions"));
  CHECK(answer.status == 429);
  CHECK(answer.detail() == "Too many requests. Try again later.");
  CHECK(answer.header("retry-after") == "7");
  CHECK(answer.body.find(R"("retry_after_seconds":7)") != std::string::npos);
  CHECK(shows_no_rate(answer));
  CHECK(answer.has("x-request-id"));
  CHECK(answer.has("x-content-type-options"));
}

TEST_CASE("A team request on a route that does not charge the owner leaves the owner's bucket alone") {
  Bench bench;
  bench.fixture.limiter.close(bench.owner, "global");
  CHECK(bench.fixture.send(bench.for_team("/v1/profiles")).status == 200);
  CHECK(bench.fixture.limiter.draws == std::vector<SubjectLimiter::Draw>{{bench.caller.account, "global"}});
}

TEST_CASE("Naming the own account is no team request: one draw, one bucket") {
  Bench bench;
  bench.fixture.authenticator.add_member(bench.caller.account, bench.caller.account, TierSlug("api_starter"), TeamRole::owner);
  auto request = bench.sent("POST", "/v1/sessions").with("X-Driftstack-Account", "acc_" + bench.caller.account.to_text());
  CHECK(bench.fixture.send(request).status == 200);
  CHECK(bench.fixture.limiter.draws.size() == 1);
}

TEST_CASE("A public route draws on the client's address, generically and without headers") {
  Bench bench;
  Sent request("GET", "/v1/status");
  CHECK(shows_no_rate(bench.fixture.send(request)));
  CHECK(bench.fixture.limiter.draws == std::vector<SubjectLimiter::Draw>{{address_key("192.0.2.7"), "ip:public"}});
  bench.fixture.limiter.close(address_key("192.0.2.7"), "ip:public");
  const auto denied = bench.fixture.send(request);
  CHECK(denied.status == 429);
  CHECK(denied.detail() == "Too many requests. Try again later.");
  CHECK(denied.header("retry-after") == "7");
  CHECK(shows_no_rate(denied));
  request.peer = "192.0.2.8";
  CHECK(bench.fixture.send(request).status == 200);
}

TEST_CASE("Probes and preflights draw on nothing") {
  Bench bench;
  CHECK(bench.fixture.send(Sent("GET", "/health")).status == 200);
  CHECK(bench.fixture.send(Sent("OPTIONS", "/v1/sessions")).status == 204);
  CHECK(bench.fixture.limiter.draws.empty());
}

TEST_CASE("An unknown operation draws on the address like every public route") {
  Bench bench;
  CHECK(bench.fixture.send(Sent("GET", "/v1/nothing")).status == 404);
  CHECK(bench.fixture.limiter.draws == std::vector<SubjectLimiter::Draw>{{address_key("192.0.2.7"), "ip:public"}});
  bench.fixture.limiter.close(address_key("192.0.2.7"), "ip:public");
  CHECK(bench.fixture.send(Sent("GET", "/v1/nothing")).status == 429);
}

TEST_CASE("A failed credential pays with its address, a valid one never does") {
  Bench bench;
  auto bad = bench.sent("POST", "/v1/sessions").token("bad");
  CHECK(bench.fixture.send(bad).status == 401);
  CHECK(bench.fixture.limiter.draws == std::vector<SubjectLimiter::Draw>{{address_key("192.0.2.7"), "ip:auth-failure"}});
  CHECK(bench.fixture.send(Sent("POST", "/v1/sessions")).status == 401);
  CHECK(bench.fixture.limiter.draws.size() == 2);

  bench.fixture.limiter.close(address_key("192.0.2.7"), "ip:auth-failure");
  const auto denied = bench.fixture.send(bad);
  CHECK(denied.status == 429);
  CHECK(denied.header("retry-after") == "7");
  CHECK(shows_no_rate(denied));
  CHECK(bench.fixture.send(bench.sent("POST", "/v1/sessions")).status == 200);
}

TEST_CASE("Failures with one key prefix are counted together, wherever they come from") {
  Bench bench;
  const std::string prefix = "ds_live_abcdef";
  const auto prefix_key = *limiter_key_of_prefix(prefix + "x");
  auto guess = bench.sent("POST", "/v1/sessions").token(prefix + "first");
  CHECK(bench.fixture.send(guess).status == 401);
  const SubjectLimiter::Draw by_prefix{prefix_key, "ip:auth-failure"};
  CHECK(bench.fixture.limiter.draws == std::vector<SubjectLimiter::Draw>{{address_key("192.0.2.7"), "ip:auth-failure"}, by_prefix});

  bench.fixture.limiter.close(prefix_key, "ip:auth-failure");
  auto elsewhere = bench.sent("POST", "/v1/sessions").token(prefix + "second");
  elsewhere.peer = "192.0.2.8";
  CHECK(bench.fixture.send(elsewhere).status == 429);
  CHECK(bench.fixture.send(bench.sent("POST", "/v1/sessions").token("ds_live_abcdegx")).status == 401);
  CHECK(bench.fixture.send(bench.sent("POST", "/v1/sessions")).status == 200);
}

TEST_CASE("Only a token longer than a key prefix has one") {
  CHECK_FALSE(limiter_key_of_prefix(""));
  CHECK_FALSE(limiter_key_of_prefix("ds_live_abcdef"));
  CHECK_FALSE(limiter_key_of_prefix("oat_live_abcdefgh"));
  CHECK(limiter_key_of_prefix("ds_live_abcdefg") == limiter_key_of_prefix("ds_live_abcdefh"));
  CHECK(limiter_key_of_prefix("ds_live_abcdefg") != limiter_key_of_prefix("ds_test_abcdefg"));
}

TEST_CASE("Two credentials in one request are a failed credential like any other") {
  Bench bench;
  auto twice = bench.sent("POST", "/v1/sessions").with("authorization", "Bearer other");
  CHECK(bench.fixture.send(twice).status == 400);
  CHECK(bench.fixture.limiter.draws == std::vector<SubjectLimiter::Draw>{{address_key("192.0.2.7"), "ip:auth-failure"}});
  bench.fixture.limiter.close(address_key("192.0.2.7"), "ip:auth-failure");
  CHECK(bench.fixture.send(twice).status == 429);
}

TEST_CASE("A request that is refused before a route is looked up draws on the address") {
  Bench bench;
  bench.fixture.options.allowed_hosts = {"driftstack.test"};
  Sent stranger("GET", "/v1/status"), crooked("GET", "/v1/../status");
  stranger.host = "evil.test";
  CHECK(bench.fixture.send(stranger).status == 400);
  CHECK(bench.fixture.send(crooked).status == 400);
  const SubjectLimiter::Draw once{address_key("192.0.2.7"), "ip:public"};
  CHECK(bench.fixture.limiter.draws == std::vector<SubjectLimiter::Draw>{once, once});
  bench.fixture.limiter.close(address_key("192.0.2.7"), "ip:public");
  CHECK(bench.fixture.send(stranger).status == 429);
  CHECK(bench.fixture.send(crooked).status == 429);
}

TEST_CASE("Refusals that are no fault of the credential do not count as failures") {
  Bench bench;
  for (const Errc code : {Errc::forbidden, Errc::feature_unavailable}) {
    bench.fixture.authenticator.refuse("good", code);
    CHECK(bench.fixture.send(bench.sent("POST", "/v1/sessions")).slug() == (code == Errc::forbidden ? "forbidden" : "feature-unavailable"));
  }
  CHECK(bench.fixture.limiter.draws.empty());
}

TEST_CASE("Without a limiter nothing is limited and no numbers are shown") {
  Bench bench;
  bench.fixture.without_limiter = true;
  const auto answer = bench.fixture.send(bench.for_team("/v1/sessions"));
  CHECK(answer.status == 200);
  CHECK(shows_no_rate(answer));
  CHECK(bench.fixture.send(Sent("GET", "/v1/status")).status == 200);
}

}  // namespace
}  // namespace driftstack::kernel

#include "profiles/profile_lease.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <utility>
#include <vector>

#include "profiles/profile_store.hpp"
#include "sessions_fixture.hpp"
#include "store.hpp"

namespace driftstack::sessions::test {
namespace {

struct LeaseFixture : SessionsFixture {
  explicit LeaseFixture(Options options = Options()) : SessionsFixture(options) {}
  std::string make(const std::string& name) { return text_member(post("/v1/profiles", R"({"name":")" + name + R"("})")->body, "id"); }
  Result<Response> launch(const std::string& profile) { return post("/v1/profiles/" + profile + "/launch", ""); }
};

constinit const db::Statement kSetSize("UPDATE profiles SET size_bytes = $1");

TEST_CASE("of fifty launches of one profile at once one starts a browser, the others name it") {
  LeaseFixture fixture;
  const auto profile = fixture.make("a");
  std::vector<std::future<Result<Response>>> asked;
  for (int i = 0; i < 50; ++i) asked.push_back(fixture.send_later(Method::post, "/v1/profiles/" + profile + "/launch"));
  std::vector<std::string> started, named;
  for (auto& one : asked) {
    const auto answer = one.get();
    if (answer) {
      started.push_back(text_member(answer->body, "id"));
    } else {
      REQUIRE(answer.error().code == Errc::profile_in_use);
      named.push_back(answer.error().members);
    }
  }
  REQUIRE(started.size() == 1);
  for (const auto& members : named) CHECK(members == R"("active_session_id":")" + started[0] + "\"");
  CHECK(fixture.browsers.dispatches("start") == 1);
}

TEST_CASE("every end frees the profile: destroy, crash, failed start") {
  LeaseFixture fixture;
  const auto profile = fixture.make("a");
  const auto first = text_member(fixture.launch(profile)->body, "id");
  REQUIRE(fixture.send(Method::delete_, "/v1/sessions/" + first));
  const auto second = text_member(fixture.launch(profile)->body, "id");
  fixture.browsers.crash(second, "out of memory");
  fixture.await_status(second, "errored");
  fixture.browsers.on_start = [broken = true](const browser::Start&) mutable -> Result<Done> {
    if (std::exchange(broken, false)) return Error(Errc::driver_error, "no");
    return Done();
  };
  CHECK(fixture.launch(profile).error().code == Errc::driver_error);
  CHECK(fixture.launch(profile));
}

TEST_CASE("a server that was killed frees the profiles of its sessions at its next start, and no other server's") {
  Options later;
  later.start = false;
  LeaseFixture fixture(later);
  const auto call = fixture.host().call();
  const auto leave = [&](const char* node) {
    SessionStore store(fixture.database(), fixture.audit, node);
    ProfileStore profiles(fixture.database(), fixture.audit);
    REQUIRE(testing::run(fixture.host(), store.migrate(*call)));
    Profile profile;
    profile.id = ProfileId::random();
    profile.account = fixture.caller.effective_account;
    profile.name = node;
    NewProfile row(profile, AuditEntry(profile.account, AuditActor::system, "test.inserted"));
    REQUIRE(testing::run(fixture.host(), profiles.insert(*call, row, KeyedAnswer(nullptr, nullptr))));
    Session session;
    session.id = SessionId::random();
    session.account = profile.account;
    session.archetype = "fake_desktop";
    session.profile = profile.id.uuid();
    ProfileClaim claim;
    claim.account = profile.account;
    claim.profile = profile.id;
    const AuditEntry created(session.account, AuditActor::system, "test.inserted");
    REQUIRE(testing::run(fixture.host(), store.insert(*call, session, 32, created, claim))->admitted);
    return profile.id.to_text();
  };
  const auto ours = leave("main");
  const auto theirs = leave("other");
  REQUIRE(fixture.plugin().start());
  CHECK(fixture.launch(ours));
  CHECK(fixture.launch(theirs).error().code == Errc::profile_in_use);
}

TEST_CASE("a refused create at the cap of sessions leaves the profile free") {
  LeaseFixture fixture;
  const auto profile = fixture.make("a");
  fixture.accounts.concurrent_sessions = 1;
  const auto other = fixture.create();
  CHECK(fixture.launch(profile).error().code == Errc::concurrency_limit);
  REQUIRE(fixture.send(Method::delete_, "/v1/sessions/" + other));
  CHECK(fixture.launch(profile));
}

TEST_CASE("full storage refuses profiles and nothing else; a tier that only warns is not refused") {
  LeaseFixture fixture;
  const auto profile = fixture.make("a");
  fixture.accounts.storage_bytes = 1000;
  const auto set = [&](std::int64_t size) {
    const auto call = fixture.host().call();
    REQUIRE(testing::run(fixture.host(), fixture.database().write(*call, kSetSize, db::values(size))));
  };
  set(1000);
  const auto refused = fixture.launch(profile);
  CHECK(refused.error().code == Errc::storage_quota_exceeded);
  CHECK(refused.error().members == R"("used_bytes":1000,"cap_bytes":1000,"tier":"api_builder")");
  CHECK(fixture.post("/v1/sessions", "{}"));
  auto large = fixture.caller;
  large.tier = large.effective_tier = TierSlug("enterprise");
  CHECK(fixture.send_as(large, Method::post, "/v1/profiles/" + profile + "/launch"));
  set(999);
  CHECK(fixture.launch(profile).error().code == Errc::profile_in_use);
}

TEST_CASE("a session carries its profile in the metadata, over what the caller sent under these names") {
  LeaseFixture fixture;
  const auto profile = fixture.make("Work");
  const auto answer = fixture.post("/v1/sessions", R"({"profile_id":")" + profile + R"(","metadata":{"profile_id":"x","k":1}})");
  REQUIRE(answer);
  CHECK(json_member(answer->body, "metadata") == R"({"k":1,"profile_id":")" + profile + R"(","profile_name":"Work"})");
  CHECK(json_member(fixture.get("/v1/profiles/" + profile)->body, "last_used_at") != "null");
}

}  // namespace
}  // namespace driftstack::sessions::test

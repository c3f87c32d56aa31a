#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <vector>

#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

struct ProfilesFixture : SessionsFixture {
  /// Creates a profile and answers its id.
  std::string make(const std::string& name) {
    auto answer = post("/v1/profiles", R"({"name":")" + name + R"("})");
    INFO((answer ? "" : answer.error().detail));
    REQUIRE(answer);
    return text_member(answer->body, "id");
  }
  Result<Response> remove(const std::string& path) { return send(Method::delete_, path); }
  Result<Response> patch(const std::string& id, std::string body) { return send(Method::patch, "/v1/profiles/" + id, std::move(body)); }
  std::int64_t in_trash() {
    const auto trash = *wire::Json::parse(get("/v1/profiles/trash")->body);
    return static_cast<std::int64_t>(trash.view().find("data")->elements().size());
  }
};

TEST_CASE("fifty creates at once never exceed the cap of profiles") {
  ProfilesFixture fixture;
  fixture.accounts.profiles = 7;
  std::vector<std::future<Result<Response>>> asked;
  for (int i = 0; i < 50; ++i)
    asked.push_back(fixture.send_later(Method::post, "/v1/profiles", R"({"name":"p)" + std::to_string(i) + R"("})"));
  int made = 0;
  for (auto& one : asked) {
    const auto answer = one.get();
    if (answer) {
      ++made;
    } else {
      CHECK(answer.error().code == Errc::tier_limit);
    }
  }
  CHECK(made == 7);
  CHECK(fixture.audit.entries("profile.created").size() == 7);
}

TEST_CASE("fifty creates of one name at once make one profile") {
  ProfilesFixture fixture;
  std::vector<std::future<Result<Response>>> asked;
  for (int i = 0; i < 50; ++i) asked.push_back(fixture.send_later(Method::post, "/v1/profiles", R"({"name":"same"})"));
  int made = 0;
  for (auto& one : asked) made += one.get() ? 1 : 0;
  CHECK(made == 1);
}

TEST_CASE("the refusal at the cap says how much of it lies in the trash") {
  ProfilesFixture fixture;
  fixture.accounts.profiles = 2;
  fixture.make("a");
  REQUIRE(fixture.remove("/v1/profiles/" + fixture.make("b")));
  const auto refused = fixture.post("/v1/profiles", R"({"name":"c"})");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::tier_limit);
  CHECK(refused.error().members == R"("limit":2,"current":2,"resource":"profile","tier":"api_builder","trash_count":1)");
}

TEST_CASE("a keyed create completes its record with the answer in the same transaction") {
  ProfilesFixture fixture;
  RememberedRecord record;
  const auto answer = fixture.send(Method::post, "/v1/profiles", R"({"name":"a"})", &record);
  REQUIRE(answer);
  CHECK(record.status_ == 200);
  CHECK(record.body_ == answer->body);
  CHECK("prof_" + record.resource_id_.substr(5) == text_member(answer->body, "id"));
}

TEST_CASE("edits that race on one revision: one wins, the others are told the revision") {
  ProfilesFixture fixture;
  const auto id = fixture.make("a");
  std::vector<std::future<Result<Response>>> asked;
  for (int i = 0; i < 20; ++i) {
    asked.push_back(fixture.send_later(Method::patch, "/v1/profiles/" + id, R"({"expected_revision":1,"note":"n"})"));
  }
  int edited = 0;
  for (auto& one : asked) {
    const auto answer = one.get();
    edited += answer ? 1 : 0;
    if (!answer) CHECK(answer.error().members == R"("code":"stale_revision","current_revision":2)");
  }
  CHECK(edited == 1);
}

TEST_CASE("an empty edit leaves revision and time alone") {
  ProfilesFixture fixture;
  const auto id = fixture.make("a");
  const auto before = fixture.get("/v1/profiles/" + id)->body;
  CHECK(fixture.patch(id, "{}")->body == before);
  CHECK(json_member(fixture.patch(id, R"({"note":""})")->body, "revision") == "2");
}

TEST_CASE("the trash is emptied after thirty days, by the system") {
  ProfilesFixture fixture;
  const auto old = fixture.make("old");
  REQUIRE(fixture.remove("/v1/profiles/" + old));
  fixture.host().clock().advance(std::chrono::hours(24 * 29));
  const auto young = fixture.make("young");
  REQUIRE(fixture.remove("/v1/profiles/" + young));
  fixture.host().clock().advance(std::chrono::hours(26));
  const auto limit = std::chrono::steady_clock::now() + testing::kRunLimit;
  while (fixture.in_trash() != 1) REQUIRE(std::chrono::steady_clock::now() < limit);
  const auto purged = fixture.audit.entries("profile.purged");
  REQUIRE(purged.size() == 1);
  CHECK(purged[0].actor == AuditActor::system);
  CHECK(*purged[0].target == "profile_" + old.substr(5));
  CHECK_FALSE(fixture.remove("/v1/profiles/" + old + "/purge"));
  CHECK(fixture.remove("/v1/profiles/" + young + "/purge"));
}

TEST_CASE("profiles of another account do not exist") {
  ProfilesFixture fixture;
  const auto id = fixture.make("a");
  const auto stranger = testing::test_principal(2, ScopeSet{Scope::account_owner}, "api_builder");
  const auto ask = [&](Method method, const std::string& path, const char* body = "") {
    const auto answer = fixture.send_as(stranger, method, path, body);
    return answer ? Errc::internal : answer.error().code;
  };
  CHECK(ask(Method::get, "/v1/profiles/" + id) == Errc::not_found);
  CHECK(ask(Method::patch, "/v1/profiles/" + id, R"({"note":"x"})") == Errc::not_found);
  CHECK(fixture.send_as(stranger, Method::delete_, "/v1/profiles/" + id));
  CHECK(fixture.get("/v1/profiles/" + id));
  REQUIRE(fixture.remove("/v1/profiles/" + id));
  CHECK(ask(Method::post, "/v1/profiles/" + id + "/restore") == Errc::not_found);
  CHECK(ask(Method::delete_, "/v1/profiles/" + id + "/purge") == Errc::not_found);
  CHECK(fixture.in_trash() == 1);
}

TEST_CASE("without a browser backend no profile can be made, others are still read") {
  Options bare;
  bare.with_backend = false;
  SessionsFixture fixture(bare);
  CHECK(fixture.get("/v1/profiles"));
  CHECK(fixture.post("/v1/profiles", R"({"name":"a"})").error().code == Errc::driver_not_integrated);
}

}  // namespace
}  // namespace driftstack::sessions::test

#include <catch2/catch.hpp>

#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

constexpr const char* kWait = R"({"condition":{"kind":"selector","selector":"#never"},"timeout_ms":120000})";

Result<Response> destroy(SessionsFixture& fixture, const std::string& id) { return fixture.send(Method::delete_, "/v1/sessions/" + id); }

TEST_CASE("destroying answers 204, frees the slot, ends the browser and is in the audit log once; twice is the same") {
  SessionsFixture fixture;
  fixture.accounts.concurrent_sessions = 1;
  const auto id = fixture.create();
  for (int i = 0; i < 2; ++i) {
    const auto answer = destroy(fixture, id);
    REQUIRE(answer);
    CHECK(answer->status == 204);
    CHECK(answer->body.empty());
  }
  CHECK(fixture.status(id) == "destroyed");
  CHECK(fixture.member(id, "destroyed_at") != "null");
  CHECK(fixture.browsers.running().empty());
  CHECK(fixture.browsers.dispatches("stop") == 1);
  const auto entries = fixture.audit.entries("session.destroyed");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].actor == AuditActor::customer);
  CHECK(entries[0].target == id);
  CHECK(entries[0].payload == R"({"reason":"customer"})");
  CHECK(fixture.post("/v1/sessions/" + id + "/capture", R"({"kind":"pdf"})").error().code == Errc::session_destroyed);
  fixture.create();
}

TEST_CASE("an unknown or malformed id is not found") {
  SessionsFixture fixture;
  CHECK(destroy(fixture, "ses_00000000-0000-4000-8000-000000000000").error().code == Errc::not_found);
  CHECK(destroy(fixture, "ses_1").error().code == Errc::not_found);
  CHECK(destroy(fixture, "prof_00000000-0000-4000-8000-000000000000").error().code == Errc::not_found);
}

TEST_CASE("destroy beats a running wait: 204 for the one, 410 for the other, and the session did not fail") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.hold("wait");
  auto waiting = fixture.send_later(Method::post, "/v1/sessions/" + id + "/wait", kWait);
  fixture.browsers.wait_until_held("wait");
  CHECK(destroy(fixture, id));
  const auto answer = waiting.get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::session_destroyed);
  CHECK(fixture.status(id) == "destroyed");
  CHECK(fixture.audit.entries("session.destroyed").size() == 1);
}

TEST_CASE("destroy beats a create that still waits for its browser") {
  SessionsFixture fixture;
  fixture.browsers.hold("start");
  auto creating = fixture.send_later(Method::post, "/v1/sessions", "{}");
  fixture.browsers.wait_until_held("start");
  const auto id = fixture.browsers.running().at(0);
  CHECK(destroy(fixture, id));
  CHECK(creating.get().error().code == Errc::session_destroyed);
  CHECK(fixture.status(id) == "destroyed");
  CHECK(fixture.browsers.running().empty());
}

TEST_CASE("of many destroys at once all answer 204 and one is in the audit log") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  std::vector<std::future<Result<Response>>> answers;
  for (int i = 0; i < 20; ++i) answers.push_back(fixture.send_later(Method::delete_, "/v1/sessions/" + id));
  for (auto& answer : answers) CHECK(answer.get());
  CHECK(fixture.audit.entries("session.destroyed").size() == 1);
  CHECK(fixture.browsers.dispatches("stop") == 1);
}

TEST_CASE("a destroy and a crash at once end the session one way, never both") {
  for (int round = 0; round < 20; ++round) {
    SessionsFixture fixture;
    const auto id = fixture.create();
    auto destroyed = fixture.send_later(Method::delete_, "/v1/sessions/" + id);
    fixture.browsers.crash(id, "killed");
    CHECK(destroyed.get());
    const auto status = fixture.status(id);
    CHECK((status == "destroyed" || status == "errored"));
    CHECK(fixture.audit.entries("session.destroyed").size() == (status == "destroyed" ? 1 : 0));
    CHECK(fixture.open_sessions() == 0);
  }
}

TEST_CASE("an end that could not be stored is repeated until it is") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.host().clock().freeze();  // the reaper comes when the test says so
  fixture.audit.fail_next(Error(Errc::busy, "the chain is locked"));
  const auto refused = destroy(fixture, id);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::busy);
  CHECK(fixture.browsers.running().empty());
  CHECK(fixture.status(id) == "ready");  // the record shows what is stored
  const auto limit = std::chrono::steady_clock::now() + testing::kRunLimit;
  while (fixture.open_sessions() != 0) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    fixture.host().clock().advance(std::chrono::seconds(1));
  }
  CHECK(fixture.status(id) == "destroyed");
  CHECK(fixture.audit.entries("session.destroyed").size() == 1);
}

}  // namespace
}  // namespace driftstack::sessions::test

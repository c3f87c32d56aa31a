#include <catch2/catch.hpp>

#include "sessions_fixture.hpp"
#include "store.hpp"

namespace driftstack::sessions::test {
namespace {

Session row_of(const Uuid& account) {
  Session session;
  session.id = SessionId::random();
  session.account = account;
  session.archetype = "fake_desktop";
  session.created_at = session.updated_at = 1;
  return session;
}

// What a server leaves behind when it is killed: rows without anybody's memory of them.
SessionId leave_behind(SessionsFixture& fixture, const std::string& node, bool ready) {
  SessionStore store(fixture.database(), fixture.audit, node);
  const auto call = fixture.host().call();
  REQUIRE(testing::run(fixture.host(), store.migrate(*call)));
  const Session session = row_of(fixture.caller.effective_account);
  const AuditEntry created(session.account, AuditActor::system, "test.inserted");
  const auto inserted = testing::run(fixture.host(), store.insert(*call, session, 32, created));
  REQUIRE(inserted);
  REQUIRE(inserted->admitted);
  if (ready) REQUIRE(testing::run(fixture.host(), store.become_ready(*call, session.id, 2, nullptr, "")));
  return session.id;
}

TEST_CASE("rows that a killed server left behind are errored at its next start and free their slots; other servers' rows stay") {
  Options later;
  later.start = false;
  SessionsFixture fixture(later);
  const auto creating = leave_behind(fixture, "main", false).to_text();
  const auto ready = leave_behind(fixture, "main", true).to_text();
  const auto elsewhere = leave_behind(fixture, "other", true).to_text();
  REQUIRE(fixture.plugin().start());
  for (const auto& id : {creating, ready}) {
    CHECK(fixture.status(id) == "errored");
    CHECK(fixture.member(id, "destroyed_at") != "null");
    CHECK(fixture.post("/v1/sessions/" + id + "/capture", R"({"kind":"pdf"})").error().code == Errc::session_destroyed);
    CHECK(fixture.send(Method::delete_, "/v1/sessions/" + id));
    CHECK(fixture.status(id) == "errored");
  }
  CHECK(fixture.status(elsewhere) == "ready");
  CHECK(fixture.open_sessions() == 1);
  CHECK(fixture.audit.entries("session.destroyed").empty());
}

TEST_CASE("a row that no server remembers can still be destroyed, but not driven") {
  SessionsFixture fixture;
  const auto id = leave_behind(fixture, "other", true).to_text();
  CHECK(fixture.post("/v1/sessions/" + id + "/capture", R"({"kind":"pdf"})").error().code == Errc::conflict);
  CHECK(fixture.send(Method::delete_, "/v1/sessions/" + id));
  CHECK(fixture.status(id) == "destroyed");
  CHECK(fixture.audit.entries("session.destroyed").size() == 1);
}

TEST_CASE("a server that stops ends its sessions and their operations, and leaves no row open") {
  SessionsFixture fixture;
  const auto idle = fixture.create();
  const auto busy = fixture.create();
  fixture.browsers.hold("wait");
  auto waiting = fixture.send_later(Method::post, "/v1/sessions/" + busy + "/wait", R"({"condition":{"kind":"time","ms":1}})");
  fixture.browsers.wait_until_held("wait");
  fixture.stop();
  CHECK(waiting.get().error().code == Errc::driver_error);
  CHECK(fixture.browsers.running().empty());
  CHECK(fixture.status(idle) == "errored");
  CHECK(fixture.status(busy) == "errored");
  CHECK(fixture.open_sessions() == 0);
}

TEST_CASE("a create that is under way when the server stops ends too") {
  SessionsFixture fixture;
  fixture.browsers.hold("start");
  auto creating = fixture.send_later(Method::post, "/v1/sessions", "{}");
  fixture.browsers.wait_until_held("start");
  fixture.stop();
  CHECK_FALSE(creating.get());
  CHECK(fixture.browsers.running().empty());
  CHECK(fixture.open_sessions() == 0);
}

}  // namespace
}  // namespace driftstack::sessions::test

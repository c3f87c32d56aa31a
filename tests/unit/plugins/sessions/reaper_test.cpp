#include <catch2/catch.hpp>

#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

TEST_CASE("the duration cap of the tier ends a session cleanly, by the system") {
  SessionsFixture fixture;
  fixture.caller.tier = fixture.caller.effective_tier = TierSlug("free");
  const auto id = fixture.create();
  fixture.host().clock().advance(std::chrono::minutes(19));
  CHECK(fixture.status(id) == "ready");
  fixture.host().clock().advance(std::chrono::minutes(1) + std::chrono::seconds(1));
  fixture.await_status(id, "destroyed");
  CHECK(fixture.open_sessions() == 0);
  const auto entries = fixture.audit.entries("session.destroyed");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].actor == AuditActor::system);
  CHECK(entries[0].account == fixture.caller.effective_account);
  CHECK_FALSE(entries[0].actor_account);
  CHECK(entries[0].payload == R"({"reason":"duration_cap"})");
}

TEST_CASE("the duration cap cuts a running operation, which answers 410") {
  SessionsFixture fixture;
  fixture.caller.tier = fixture.caller.effective_tier = TierSlug("free");
  const auto id = fixture.create();
  fixture.host().clock().advance(std::chrono::minutes(19));
  fixture.browsers.hold("wait");
  auto waiting = fixture.send_later(Method::post, "/v1/sessions/" + id + "/wait",
                                    R"({"condition":{"kind":"selector","selector":"a"},"timeout_ms":120000})");
  fixture.browsers.wait_until_held("wait");
  fixture.host().clock().advance(std::chrono::seconds(61));
  CHECK(waiting.get().error().code == Errc::session_destroyed);
}

TEST_CASE("a tier without a duration cap has none, and there is no idle timeout") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  const auto& ticks = fixture.host().worker("sessions.reaper");
  const auto before = ticks.count();
  fixture.host().clock().advance(std::chrono::hours(24 * 30));
  while (ticks.count() < before + 2) fixture.host().clock().advance(std::chrono::seconds(1));
  CHECK(fixture.status(id) == "ready");
}

TEST_CASE("an operation that the browser never answers ends the session as failed") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.hold("interact");
  auto acting =
      fixture.send_later(Method::post, "/v1/sessions/" + id + "/interact", R"({"action":{"kind":"tap","selector":"a"},"timeout_ms":1000})");
  fixture.browsers.wait_until_held("interact");
  fixture.host().clock().advance(std::chrono::seconds(7));
  const auto answer = acting.get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::driver_error);
  CHECK(fixture.status(id) == "errored");
  CHECK(fixture.browsers.running().empty());
}

TEST_CASE("ended rows are forgotten after the retention, open ones never") {
  SessionsFixture fixture;
  const auto open = fixture.create();
  const auto ended = fixture.create();
  REQUIRE(fixture.send(Method::delete_, "/v1/sessions/" + ended));
  fixture.host().clock().advance(std::chrono::hours(24 * 89));
  CHECK(fixture.status(ended) == "destroyed");
  fixture.host().clock().advance(std::chrono::hours(48));
  const auto limit = std::chrono::steady_clock::now() + testing::kRunLimit;
  while (fixture.get("/v1/sessions/" + ended)) REQUIRE(std::chrono::steady_clock::now() < limit);
  CHECK(fixture.get("/v1/sessions/" + ended).error().code == Errc::not_found);
  CHECK(fixture.status(open) == "ready");
}

}  // namespace
}  // namespace driftstack::sessions::test

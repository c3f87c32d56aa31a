// The log of a session: what is noted, for how long, and who reads it.

#include <catch2/catch.hpp>

#include "log/log_store.hpp"
#include "log/session_log.hpp"
#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

using namespace std::chrono_literals;

std::string at(const std::string& id, const char* operation) { return "/v1/sessions/" + id + "/" + operation; }

std::vector<std::string> entries(SessionsFixture& fixture, const std::string& path) {
  const auto answer = fixture.get(path);
  REQUIRE(answer);
  const auto json = wire::Json::parse(json_member(answer->body, "data"));
  REQUIRE(json);
  std::vector<std::string> out;
  for (const auto& entry : json->view().elements()) out.emplace_back(entry.text());
  return out;
}

TEST_CASE("operations are noted newest first, with outcome and without what was typed") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  REQUIRE(fixture.post(at(id, "navigate"), R"({"url":"https://example.com/a"})"));
  REQUIRE(fixture.post(at(id, "interact"), R"({"action":{"kind":"type","selector":"#q","text":"typed-secret"}})"));
  REQUIRE(fixture.post(at(id, "interact"), R"({"action":{"kind":"press","key":"x"}})"));
  fixture.browsers.on_interact = [](const browser::Interact&) { return Error(Errc::session_timeout, "covered by <div>"); };
  CHECK_FALSE(fixture.post(at(id, "interact"), R"({"action":{"kind":"tap","selector":"#go"}})"));
  REQUIRE(fixture.post(at(id, "login"), R"({"username":"typed-secret","password":"typed-secret"})"));
  const auto log = entries(fixture, at(id, "logs"));
  REQUIRE(log.size() == 6);
  CHECK(text_member(log[0], "message") == "login: ok");
  CHECK(text_member(log[1], "message") == "interact tap: covered by <div>");
  CHECK(text_member(log[1], "level") == "error");
  CHECK(json_member(log[1], "data")
            .starts_with(R"({"operation":"interact","action":"tap","selector":"#go","outcome":"session-timeout","duration_ms":)"));
  CHECK(json_member(log[2], "data").starts_with(R"({"operation":"interact","action":"press","outcome":"ok",)"));
  CHECK(json_member(log[3], "data").starts_with(R"({"operation":"interact","action":"type","selector":"#q","outcome":"ok",)"));
  CHECK(text_member(log[4], "kind") == "navigation");
  CHECK(text_member(log[4], "message") == "200 https://example.com/a");
  CHECK(text_member(log[4], "url") == "https://example.com/a");
  CHECK(text_member(log[5], "message") == "navigate: ok");
  CHECK(text_member(log[5], "session_id") == id);
  CHECK(json_member(log[5], "url") == "null");
  for (const auto& entry : log) {
    CHECK(entry.find("typed-secret") == std::string::npos);
    CHECK(text_member(entry, "id").starts_with("evt_"));
  }
}

TEST_CASE("kinds are chosen, pages go on where the last one ended, and a cursor is for its list alone") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.on_navigate = [](const browser::Navigate& message) {
    browser::Navigated answer;
    answer.status = 404;
    answer.final_url = message.url;
    return answer;
  };
  for (int i = 0; i < 3; ++i) REQUIRE(fixture.post(at(id, "navigate"), R"({"url":"https://example.com/a"})"));
  CHECK(entries(fixture, at(id, "logs?kind=navigation,console")).size() == 3);
  CHECK(entries(fixture, at(id, "logs?kind=action")).size() == 3);
  CHECK(entries(fixture, at(id, "logs?kind=console")).empty());
  CHECK(text_member(entries(fixture, at(id, "logs?kind=navigation"))[0], "level") == "warn");
  const auto first = fixture.get(at(id, "logs?limit=4"));
  REQUIRE(first);
  CHECK(json_member(first->body, "has_more") == "true");
  const std::string cursor = text_member(first->body, "next_cursor");
  CHECK(entries(fixture, at(id, "logs?limit=4&cursor=") + cursor).size() == 2);
  CHECK(fixture.get(at(id, "logs?kind=action&cursor=") + cursor).error().code == Errc::validation_failed);
  CHECK(fixture.get(at(id, "logs?kind=nothing")).error().code == Errc::validation_failed);
  CHECK(fixture.get(at(id, "logs?kind=")).error().code == Errc::validation_failed);
  CHECK(fixture.get(at(id, "logs?limit=0")).error().code == Errc::validation_failed);
  CHECK(fixture.get("/v1/sessions/ses_bad/logs").error().code == Errc::not_found);
  Principal stranger = testing::test_principal(2, ScopeSet{Scope::account_owner}, "api_builder");
  CHECK(fixture.send_as(stranger, Method::get, at(id, "logs")).error().code == Errc::not_found);
}

TEST_CASE("the end of a session by a failed operation is in its log, and the log outlives it") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.on_navigate = [](const browser::Navigate&) { return Error(Errc::driver_error, "no such host"); };
  CHECK_FALSE(fixture.post(at(id, "navigate"), R"({"url":"https://nowhere.example/"})"));
  CHECK(fixture.status(id) == "errored");
  const auto log = entries(fixture, at(id, "logs"));
  REQUIRE(log.size() == 2);
  CHECK(text_member(log[0], "kind") == "navigation");
  CHECK(text_member(log[0], "level") == "error");
  CHECK(text_member(log[0], "url") == "https://nowhere.example/");
  CHECK(text_member(log[1], "message") == "navigate: no such host");
}

TEST_CASE("entries are kept for the days of the tier, and then deleted") {
  SessionsFixture fixture;
  fixture.accounts.session_log_days = 30;
  const auto id = fixture.create();
  REQUIRE(fixture.post(at(id, "interact"), R"({"action":{"kind":"scroll"}})"));
  CHECK(entries(fixture, at(id, "logs")).size() == 1);
  fixture.host().clock().advance(24h * 29);
  CHECK(entries(fixture, at(id, "logs")).size() == 1);
  fixture.host().clock().advance(24h + 1s);
  CHECK(entries(fixture, at(id, "logs")).empty());
  LogStore store(fixture.database());
  const auto stored = [&] {
    const auto call = fixture.host().call();
    LogKinds all{};
    all.fill(true);
    return testing::run(fixture.host(), store.since(*call, fixture.caller.effective_account, *SessionId::from_text(id), all, 0, 10))
        ->size();
  };
  while (stored() != 0) fixture.host().clock().advance(1min);
}

// Follows a log and answers its next piece.
struct Follower {
  Follower(SessionsFixture& fixture, const std::string& id) : fixture(fixture), call(fixture.host().call(10min)) {
    auto answer = fixture.follow(id);
    REQUIRE(answer);
    REQUIRE(answer->events);
    events = std::move(answer->events);
  }
  Result<std::optional<std::string>> next() { return testing::run(fixture.host(), events->next(*call)); }

  SessionsFixture& fixture;
  std::unique_ptr<Call> call;
  std::unique_ptr<EventSource> events;
};

TEST_CASE("a follower hears what happens from now on, each thing once, until the session is over") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  REQUIRE(fixture.post(at(id, "interact"), R"({"action":{"kind":"scroll"}})"));
  Follower follower(fixture, id);
  REQUIRE(fixture.post(at(id, "navigate"), R"({"url":"https://example.com/a"})"));
  const auto piece = follower.next();
  REQUIRE(piece);
  REQUIRE(*piece);
  CHECK((*piece)->starts_with("event: action\nid: evt_"));
  CHECK((*piece)->find("\n\nevent: navigation\nid: evt_") != std::string::npos);
  CHECK((*piece)->find("scroll") == std::string::npos);
  CHECK((*piece)->ends_with("\n\n"));
  CHECK(fixture.send(Method::delete_, "/v1/sessions/" + id));
  const auto end = follower.next();
  REQUIRE(end);
  CHECK_FALSE(*end);
}

TEST_CASE("an account follows ten logs at a time, and a stopped stream ends") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  std::vector<std::unique_ptr<Follower>> followers;
  for (int i = 0; i < 10; ++i) followers.push_back(std::make_unique<Follower>(fixture, id));
  const auto refused = fixture.follow(id);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::rate_limited);
  CHECK(refused.error().retry_after_seconds == 30);
  followers.back()->events->stop();
  CHECK_FALSE(*followers.back()->next());
  followers.pop_back();
  CHECK(fixture.follow(id));
}

TEST_CASE("what was noted while the database was away is written when it is back, and no more is kept than may wait") {
  SessionsFixture fixture;
  LogStore store(fixture.database());
  SessionLog log(fixture.host(), store);
  LogEntry entry;
  entry.account = fixture.caller.effective_account;
  entry.session = SessionId::random();
  entry.message = "x";
  entry.expires_at = INT64_MAX;
  for (std::size_t i = 0; i < SessionLog::kMostWaiting + 5; ++i) log.note(entry);
  const auto late = fixture.host().call(0ms);
  late->cancel();
  CHECK_FALSE(testing::run(fixture.host(), log.write(*late)));
  log.note(entry);  // no room
  const auto call = fixture.host().call();
  REQUIRE(testing::run(fixture.host(), log.write(*call)));
  LogKinds all{};
  all.fill(true);
  const auto rows = testing::run(fixture.host(), store.since(*call, entry.account, entry.session, all, 0, 20'000));
  REQUIRE(rows);
  CHECK(rows->size() == SessionLog::kMostWaiting);
  CHECK_FALSE(fixture.host().log().lines("entries of session logs were dropped").empty());
}

}  // namespace
}  // namespace driftstack::sessions::test

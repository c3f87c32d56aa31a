// search and login (sessions.md 4.10 and 4.11): what customers say, what the browser hears, what comes of the session.

#include <catch2/catch.hpp>

#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

std::string at(const std::string& id, const char* operation) { return "/v1/sessions/" + id + "/" + operation; }

TEST_CASE("a search reaches the browser with its defaults, and its answer holds the listed keys only") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  browser::Search heard;
  fixture.browsers.on_search = [&](const browser::Search& message) {
    heard = message;
    browser::Searched answer;
    answer.submitted = true;
    answer.duration_ms = 700'000;
    return answer;
  };
  const auto answer = fixture.post(at(id, "search"), R"({"query":"tea","ignored":1})");
  REQUIRE(answer);
  CHECK(answer->body == R"({"submitted":true,"query_truncated":false,"duration_ms":600000})");
  CHECK(heard.session_id == id);
  CHECK(heard.query == "tea");
  CHECK(heard.submit);
  CHECK(heard.timeout_ms == 10'000);
  CHECK_FALSE(heard.search_selector);
  CHECK_FALSE(heard.wait_for_results_selector);
  REQUIRE(fixture.post(at(id, "search"),
                       R"({"query":"t","search_selector":"#q","submit":false,"wait_for_results_selector":".r","timeout_seconds":120})"));
  CHECK(heard.search_selector == "#q");
  CHECK(heard.wait_for_results_selector == ".r");
  CHECK_FALSE(heard.submit);
  CHECK(heard.timeout_ms == 120'000);
  CHECK(fixture.status(id) == "ready");
}

TEST_CASE("a login reaches the browser, and its answer holds the listed keys only") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  browser::Login heard;
  fixture.browsers.on_login = [&](const browser::Login& message) {
    heard = message;
    browser::LoggedIn answer;
    answer.credentials_truncated = true;
    return answer;
  };
  const auto answer =
      fixture.post(at(id, "login"), R"({"username":"ada","password":"pw","username_selector":"#u","password_selector":"#p",)"
                                    R"("submit_selector":"#s","success_selector":"#ok","timeout_seconds":3})");
  REQUIRE(answer);
  CHECK(answer->body == R"({"submitted":false,"credentials_truncated":true,"logged_in":false,"duration_ms":0})");
  CHECK(heard.username == "ada");
  CHECK(heard.password == "pw");
  CHECK(heard.username_selector == "#u");
  CHECK(heard.password_selector == "#p");
  CHECK(heard.submit_selector == "#s");
  CHECK(heard.success_selector == "#ok");
  CHECK(heard.timeout_ms == 3000);
  fixture.browsers.on_login = [](const browser::Login&) {
    browser::LoggedIn done;
    done.submitted = done.logged_in = true;
    done.post_login_url = "https://example.com/home";
    return done;
  };
  CHECK(fixture.post(at(id, "login"), R"({"username":"ada","password":"pw"})")->body ==
        R"({"submitted":true,"credentials_truncated":false,"logged_in":true,"post_login_url":"https://example.com/home","duration_ms":0})");
}

TEST_CASE("a field that is not there is a timeout that says how long it was looked for; the session lives on") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.on_search = [](const browser::Search&) { return Error(Errc::session_timeout, "no field"); };
  const auto late = fixture.post(at(id, "search"), R"({"query":"tea"})");
  CHECK(late.error().code == Errc::session_timeout);
  CHECK(late.error().members == R"("timeout_ms":30000)");
  fixture.browsers.on_login = [](const browser::Login&) { return Error(Errc::bad_request, "the selector does not parse"); };
  CHECK(fixture.post(at(id, "login"), R"({"username":"a","password":"b"})").error().code == Errc::bad_request);
  CHECK(fixture.status(id) == "ready");
  fixture.browsers.on_login = [](const browser::Login&) { return Error(Errc::driver_error, "crashed"); };
  CHECK(fixture.post(at(id, "login"), R"({"username":"a","password":"b"})").error().code == Errc::driver_error);
  CHECK(fixture.status(id) == "errored");
}

TEST_CASE("a login that runs keeps others off, and has as long as its parts may take before its browser counts as hung") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.hold("login");
  auto running = fixture.send_later(Method::post, at(id, "login"), R"({"username":"a","password":"b","timeout_seconds":20})");
  fixture.browsers.wait_until_held("login");
  CHECK(fixture.post(at(id, "search"), R"({"query":"x"})").error().code == Errc::conflict);
  fixture.host().clock().advance(std::chrono::seconds(80));
  CHECK(fixture.status(id) == "busy");
  fixture.host().clock().advance(std::chrono::seconds(7));
  CHECK(running.get().error().code == Errc::driver_error);
  CHECK(fixture.status(id) == "errored");
}

TEST_CASE("no error about credentials repeats them") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  const auto refused = fixture.post(at(id, "login"), R"({"username":"ada\nsecret-name","password":"secret-password\t"})");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::validation_failed);
  CHECK(refused.error().detail.find("secret-") == std::string::npos);
  CHECK(refused.error().members.find("secret-") == std::string::npos);
  CHECK(fixture.browsers.dispatches("login") == 0);
}

}  // namespace
}  // namespace driftstack::sessions::test

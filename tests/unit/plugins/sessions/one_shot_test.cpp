#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "one_shot/slot_store.hpp"
#include "sessions_fixture.hpp"
#include "store.hpp"

namespace driftstack::sessions::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPage = R"({"url":"https://example.com/a"})";

browser::Captured caught(std::string bytes) {
  browser::Captured captured;
  captured.bytes.data = std::move(bytes);
  captured.duration_ms = 1;
  return captured;
}

void check_nothing_left(SessionsFixture& fixture) {
  CHECK(fixture.browsers.running().empty());
  CHECK(fixture.open_sessions() == 0);
}

TEST_CASE("each one-shot route loads the page, answers its capture and leaves neither browser, row nor audit entry") {
  struct Row {
    const char* path;
    browser::CaptureKind kind;
    const char *bytes, *answer;
  };
  const auto row = GENERATE(values<Row>({
      {"/v1/screenshot", browser::CaptureKind::screenshot, "png",
       R"({"kind":"screenshot","data":"cG5n","encoding":"base64","byte_size":3,)"},
      {"/v1/pdf", browser::CaptureKind::pdf, "pdf", R"({"kind":"pdf","data":"cGRm","encoding":"base64","byte_size":3,)"},
      {"/v1/content", browser::CaptureKind::dom_snapshot, "<p>", R"({"kind":"dom_snapshot","data":"<p>","encoding":"utf8","byte_size":3,)"},
      {"/v1/markdown", browser::CaptureKind::markdown, "# a", R"({"kind":"markdown","data":"# a","encoding":"utf8","byte_size":3,)"},
      {"/v1/links", browser::CaptureKind::links, R"([{"url":"https://b.example/","text":"b"}])",
       R"({"links":[{"url":"https://b.example/","text":"b"}],)"},
  }));
  INFO(row.path);
  SessionsFixture fixture;
  browser::Navigate navigated;
  browser::Capture asked;
  fixture.browsers.on_navigate = [&](const browser::Navigate& message) {
    navigated = message;
    return Result<browser::Navigated>();
  };
  fixture.browsers.on_capture = [&](const browser::Capture& message) {
    asked = message;
    return caught(row.bytes);
  };
  const auto answer = fixture.post(row.path, R"({"url":"https://example.com/a","wait_until":"networkidle","timeout_ms":5000})");
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body.starts_with(std::string(row.answer) + "\"duration_ms\":"));
  CHECK(navigated.url == "https://example.com/a");
  CHECK(navigated.wait_until == browser::WaitUntil::networkidle);
  CHECK(navigated.timeout_ms == 5000);
  CHECK(asked.kind == row.kind);
  check_nothing_left(fixture);
  CHECK(fixture.get("/v1/sessions")->body.starts_with(R"({"data":[])"));
  CHECK(fixture.audit.entries().empty());
}

TEST_CASE("options of a capture reach the browser, and those that do not fit are refused before there is one") {
  SessionsFixture fixture;
  browser::Capture asked;
  fixture.browsers.on_capture = [&](const browser::Capture& message) {
    asked = message;
    return caught("x");
  };
  REQUIRE(fixture.post("/v1/screenshot",
                       R"({"url":"https://a.example/","format":"jpeg","quality":50,"selector":"#a","device_scale_factor":2})"));
  CHECK(asked.format == browser::ImageFormat::jpeg);
  CHECK(asked.quality == 50);
  CHECK(asked.selector == "#a");
  CHECK(asked.device_scale_factor == 2.0);
  REQUIRE(fixture.post("/v1/screenshot", R"({"url":"https://a.example/","full_page":true})"));
  CHECK(asked.full_page);
  REQUIRE(fixture.post("/v1/content", R"({"url":"https://a.example/","frame_match":{"host":"b.example"}})"));
  REQUIRE(asked.frame_match);
  CHECK(asked.frame_match->host == "b.example");
  const auto begun = fixture.browsers.dispatches("start");
  for (const char* body :
       {R"({})", R"({"url":"ftp://a.example/"})", R"({"url":"https://a.example/","timeout_ms":999})",
        R"({"url":"https://a.example/","timeout_ms":120001})", R"({"url":"https://a.example/","wait_until":"never"})",
        R"({"url":"https://a.example/","quality":50})", R"({"url":"https://a.example/","selector":"a","full_page":true})",
        R"({"url":"https://a.example/","device_scale_factor":4})"}) {
    INFO(body);
    CHECK(fixture.post("/v1/screenshot", body).error().code == Errc::validation_failed);
  }
  CHECK(fixture.browsers.dispatches("start") == begun);
}

TEST_CASE("a run counts as a session while it lasts, for sessions and for other runs") {
  SessionsFixture fixture;
  fixture.accounts.concurrent_sessions = 1;
  fixture.browsers.hold("navigate");
  auto running = fixture.send_later(Method::post, "/v1/markdown", kPage);
  fixture.browsers.wait_until_held("navigate");
  CHECK(fixture.open_sessions() == 1);
  const auto session = fixture.post("/v1/sessions", "{}");
  CHECK(session.error().code == Errc::concurrency_limit);
  CHECK(session.error().members.starts_with(R"("current_sessions":1,"limit":1,"open_session_ids":[])"));
  const auto other = fixture.post("/v1/pdf", kPage);
  CHECK(other.error().code == Errc::concurrency_limit);
  CHECK(other.error().members == R"("current_sessions":1,"limit":1)");
  CHECK(fixture.browsers.dispatches("start") == 1);
  fixture.browsers.release("navigate");
  CHECK(running.get());
  const auto id = fixture.create();
  CHECK(fixture.post("/v1/pdf", kPage).error().code == Errc::concurrency_limit);
  CHECK(fixture.send(Method::delete_, "/v1/sessions/" + id));
  CHECK(fixture.post("/v1/pdf", kPage));
}

TEST_CASE("of ten runs at once as many start as the cap allows") {
  SessionsFixture fixture;
  fixture.accounts.concurrent_sessions = 3;
  fixture.browsers.hold("navigate");
  std::atomic<int> refused{0}, done{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 10; ++i) {
    clients.emplace_back([&] {
      const auto answer = fixture.send(Method::post, "/v1/links", kPage);
      if (answer) ++done;
      if (!answer && answer.error().code == Errc::concurrency_limit) ++refused;
    });
  }
  while (refused < 7) std::this_thread::yield();
  CHECK(fixture.open_sessions() == 3);
  fixture.browsers.release("navigate");
  for (auto& client : clients) client.join();
  CHECK(done == 3);
  CHECK(fixture.browsers.dispatches("start") == 3);
  check_nothing_left(fixture);
}

TEST_CASE("a run that fails says why, as the operation of a session would, and its browser is gone") {
  SessionsFixture fixture;
  Errc expected = Errc::driver_error;
  SECTION("the browser does not start") {
    fixture.browsers.on_start = [](const browser::Start&) -> Result<Done> { return Error(Errc::driver_error, "no memory"); };
  }
  SECTION("there is no engine") {
    fixture.browsers.on_start = [](const browser::Start&) -> Result<Done> { return Error(Errc::driver_not_integrated, "no sandbox"); };
    expected = Errc::driver_not_integrated;
  }
  SECTION("the page does not come in time") {
    fixture.browsers.on_navigate = [](const browser::Navigate&) { return Error(Errc::session_timeout, "too slow"); };
    expected = Errc::session_timeout;
  }
  SECTION("the host is unknown") {
    fixture.browsers.on_navigate = [](const browser::Navigate&) { return Error(Errc::driver_error, "no such host"); };
  }
  SECTION("the element is not there") {
    fixture.browsers.on_capture = [](const browser::Capture&) { return Error(Errc::conflict, "no such element"); };
    expected = Errc::conflict;
  }
  SECTION("the picture is too large") {
    fixture.browsers.on_capture = [](const browser::Capture&) { return caught(std::string((std::size_t{4} << 20) + 1, 'x')); };
    expected = Errc::payload_too_large;
  }
  const auto answer = fixture.post("/v1/screenshot", kPage);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == expected);
  if (expected == Errc::session_timeout) CHECK(answer.error().members == R"("timeout_ms":30000)");
  check_nothing_left(fixture);
}

TEST_CASE("links that no client would read are refused") {
  SessionsFixture fixture;
  fixture.browsers.on_capture = [](const browser::Capture&) { return caught("[" + std::string(std::size_t{8} << 20, ' ') + "]"); };
  CHECK(fixture.post("/v1/links", kPage).error().code == Errc::payload_too_large);
}

TEST_CASE("a browser that never answers is ended when its time is over") {
  SessionsFixture fixture;
  const char* held = GENERATE("start", "navigate", "capture");
  INFO(held);
  fixture.browsers.hold(held);
  auto running = fixture.send_later(Method::post, "/v1/pdf", kPage);
  fixture.browsers.wait_until_held(held);
  while (running.wait_for(1ms) != std::future_status::ready) fixture.host().clock().advance(1s);
  CHECK(running.get().error().code == Errc::driver_error);
  check_nothing_left(fixture);
}

TEST_CASE("a browser that crashes ends its run") {
  SessionsFixture fixture;
  fixture.browsers.hold("capture");
  auto running = fixture.send_later(Method::post, "/v1/pdf", kPage);
  fixture.browsers.wait_until_held("capture");
  fixture.browsers.crash(fixture.browsers.running().at(0), "killed");
  CHECK(running.get().error().code == Errc::driver_error);
  check_nothing_left(fixture);
}

TEST_CASE("a server that stops ends the runs and starts no more") {
  SessionsFixture fixture;
  fixture.browsers.hold("navigate");
  auto running = fixture.send_later(Method::post, "/v1/pdf", kPage);
  fixture.browsers.wait_until_held("navigate");
  fixture.stop();
  CHECK(running.get().error().code == Errc::feature_unavailable);
  CHECK(fixture.browsers.running().empty());
  CHECK(fixture.post("/v1/pdf", kPage).error().code == Errc::feature_unavailable);
}

TEST_CASE("without a browser backend a run is refused") {
  Options bare;
  bare.with_backend = false;
  SessionsFixture fixture(bare);
  CHECK(fixture.post("/v1/pdf", kPage).error().code == Errc::driver_not_integrated);
}

TEST_CASE("a capture that is to be kept becomes an artefact; without a store it is refused before there is a browser") {
  SessionsFixture fixture;
  const auto kept = fixture.post("/v1/pdf", R"({"url":"https://example.com/a","store":true})");
  REQUIRE(kept);
  CHECK(json_member(kept->body, "data").empty());
  const auto artifact = wire::Json::parse(json_member(kept->body, "artifact"));
  REQUIRE(artifact);
  CHECK(fixture.get("/v1/artifacts/" + text_member(artifact->text(), "id")));
  check_nothing_left(fixture);
  Options bare;
  bare.with_objects = false;
  SessionsFixture without(bare);
  CHECK(without.post("/v1/pdf", R"({"url":"https://example.com/a","store":true})").error().code == Errc::feature_unavailable);
  CHECK(without.browsers.dispatches("start") == 0);
}

TEST_CASE("places that nobody frees end: at the next start of their server, and with their time") {
  SessionsFixture fixture;
  SlotStore here(fixture.database(), "main"), elsewhere(fixture.database(), "other");
  const auto call = fixture.host().call();
  const std::int64_t now = fixture.host().clock().unix_micros();
  const auto take = [&](SlotStore& slots, std::int64_t at) {
    const auto taken =
        testing::run(fixture.host(), slots.take(*call, fixture.caller.effective_account, SessionId::random(), 2, at, at + 60'000'000));
    REQUIRE(taken);
    return *taken;
  };
  CHECK(take(here, now) == 0);
  CHECK(take(elsewhere, now + 30'000'000) == 1);
  CHECK(take(here, now + 59'000'000) == 2);
  CHECK(take(here, now + 60'000'000) == 1);
  CHECK(take(here, now + 60'000'001) == 2);
  REQUIRE(testing::run(fixture.host(), here.free_left_behind(*call)));
  CHECK(take(here, now + 60'000'002) == 1);
}

}  // namespace
}  // namespace driftstack::sessions::test

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "driftstack/support/base64.hpp"
#include "session_operations.hpp"
#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

constexpr const char* kWait = R"({"condition":{"kind":"selector","selector":"#never"},"timeout_ms":120000})";
constexpr const char* kTap = R"({"action":{"kind":"tap","selector":"a"}})";

std::string at(const std::string& id, const char* operation) { return "/v1/sessions/" + id + "/" + operation; }

TEST_CASE("each operation reaches the browser once, answers its shape and leaves the session ready") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  const auto navigated = fixture.post(at(id, "navigate"), R"({"url":"https://example.com/a"})");
  REQUIRE(navigated);
  CHECK(navigated->body == R"({"url":"https://example.com/a","status":200,"final_url":"https://example.com/a","duration_ms":0})");
  const auto tapped = fixture.post(at(id, "interact"), kTap);
  REQUIRE(tapped);
  CHECK(tapped->body == R"({"ok":true,"duration_ms":0})");
  const auto waited = fixture.post(at(id, "wait"), kWait);
  REQUIRE(waited);
  CHECK(waited->body == R"({"satisfied":true,"duration_ms":0})");
  const auto extracted = fixture.post(at(id, "extract"), R"({"extractions":[{"name":"a","selector":"b","type":"list"}]})");
  REQUIRE(extracted);
  CHECK(extracted->body == R"({"value":{"a":[]}})");
  CHECK(fixture.status(id) == "ready");
  for (const char* command : {"navigate", "interact", "wait", "extract"}) CHECK(fixture.browsers.dispatches(command) == 1);
}

TEST_CASE("the browser hears defaults and values as the contract has them") {
  SessionsFixture fixture;
  browser::Navigate navigate;
  browser::Interact interact;
  browser::Extract extract;
  fixture.browsers.on_navigate = [&](const browser::Navigate& message) {
    navigate = message;
    return Result<browser::Navigated>();
  };
  fixture.browsers.on_interact = [&](const browser::Interact& message) {
    interact = message;
    return Result<browser::Interacted>();
  };
  fixture.browsers.on_extract = [&](const browser::Extract& message) {
    extract = message;
    return Result<browser::Extracted>();
  };
  const auto id = fixture.create();
  REQUIRE(fixture.post(at(id, "navigate"), R"({"url":"HTTPS://example.com"})"));
  CHECK(navigate.session_id == id);
  CHECK(navigate.url == "HTTPS://example.com");
  CHECK(navigate.wait_until == browser::WaitUntil::load);
  CHECK(navigate.timeout_ms == 30000);
  REQUIRE(fixture.post(at(id, "interact"), R"({"action":{"kind":"type","selector":"#q","text":"hé","delay_ms":5,"sensitive":true}})"));
  const auto& typed = std::get<browser::TypeText>(interact.action);
  CHECK(typed.selector == "#q");
  CHECK(typed.text == "hé");
  CHECK(typed.delay_ms == 5);
  CHECK(typed.sensitive);
  CHECK(interact.timeout_ms == 30000);
  REQUIRE(fixture.post(at(id, "extract"), R"({"extractions":[{"name":"a","selector":"first","type":"text"},)"
                                          R"({"name":"b","selector":"x","type":"text"},{"name":"a","selector":"last","type":"text"}]})"));
  REQUIRE(extract.extractions.size() == 2);
  CHECK(extract.extractions[0].name == "b");
  CHECK(extract.extractions[1].selector == "last");
}

TEST_CASE("of fifty operations at once one runs and the others are conflicts; the browser saw one") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.hold("interact");
  std::atomic<int> conflicts{0}, done{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back([&] {
      const auto answer = fixture.send(Method::post, at(id, "interact"), kTap);
      if (answer) ++done;
      if (!answer && answer.error().code == Errc::conflict) ++conflicts;
    });
  }
  fixture.browsers.wait_until_held("interact");
  CHECK(fixture.status(id) == "busy");
  // The one stays held until all others are answered, so that none of them could run after it.
  while (conflicts < 49) std::this_thread::yield();
  fixture.browsers.release("interact");
  for (auto& client : clients) client.join();
  CHECK(done == 1);
  CHECK(conflicts == 49);
  CHECK(fixture.browsers.dispatches("interact") == 1);
  CHECK(fixture.status(id) == "ready");
}

TEST_CASE("a selector that does not parse is a bad request and a missing target a timeout; the session lives on") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.on_interact = [](const browser::Interact&) { return Error(Errc::bad_request, "the selector does not parse"); };
  CHECK(fixture.post(at(id, "interact"), kTap).error().code == Errc::bad_request);
  fixture.browsers.on_interact = [](const browser::Interact&) { return Error(Errc::session_timeout, "covered by <div>"); };
  const auto late = fixture.post(at(id, "interact"), R"({"action":{"kind":"tap","selector":"a"},"timeout_ms":250})");
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Errc::session_timeout);
  CHECK(late.error().members == "\"timeout_ms\":250");
  CHECK(late.error().detail == "covered by <div>");
  CHECK(fixture.status(id) == "ready");
}

TEST_CASE("an unsatisfied wait is an answer; a pattern that is no regular expression fails validation; the session lives on") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.on_wait = [](const browser::Wait&) { return Result<browser::Waited>(); };
  CHECK(fixture.post(at(id, "wait"), kWait)->body == R"({"satisfied":false,"duration_ms":0})");
  fixture.browsers.on_wait = [](const browser::Wait&) { return Error(Errc::bad_request, "unbalanced"); };
  const auto pattern = fixture.post(at(id, "wait"), R"({"condition":{"kind":"url_matches","pattern":"("}})");
  CHECK(pattern.error().code == Errc::validation_failed);
  CHECK(pattern.error().detail.find("condition.pattern") != std::string::npos);
  CHECK(fixture.post(at(id, "wait"), kWait).error().code == Errc::bad_request);
  CHECK(fixture.status(id) == "ready");
}

TEST_CASE("a failed or late navigation ends the session: typed answer, errored record, freed slot, 410 afterwards") {
  for (const Errc code : {Errc::driver_error, Errc::session_timeout}) {
    SessionsFixture fixture;
    fixture.accounts.concurrent_sessions = 1;
    const auto id = fixture.create();
    fixture.browsers.on_navigate = [code](const browser::Navigate&) { return Error(code, "no such host"); };
    const auto failed = fixture.post(at(id, "navigate"), R"({"url":"https://nowhere.example/","timeout_ms":1500})");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == code);
    if (code == Errc::session_timeout) CHECK(failed.error().members == "\"timeout_ms\":1500");
    CHECK(fixture.status(id) == "errored");
    CHECK(fixture.member(id, "destroyed_at") != "null");
    CHECK(fixture.browsers.running().empty());
    CHECK(fixture.post(at(id, "interact"), kTap).error().code == Errc::session_destroyed);
    CHECK(fixture.send(Method::delete_, "/v1/sessions/" + id));
    CHECK(fixture.status(id) == "errored");
    CHECK(fixture.audit.entries("session.destroyed").empty());
    fixture.create();
  }
}

TEST_CASE("an error that no contract names ends the session as a driver error") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.on_capture = [](const browser::Capture&) { return Error(Errc::internal, "answered nonsense"); };
  CHECK(fixture.post(at(id, "capture"), R"({"kind":"pdf"})").error().code == Errc::driver_error);
  CHECK(fixture.status(id) == "errored");
}

TEST_CASE("a browser that crashes under an operation fails that operation and the session") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.hold("wait");
  auto waiting = fixture.send_later(Method::post, at(id, "wait"), kWait);
  fixture.browsers.wait_until_held("wait");
  fixture.browsers.crash(id, "segmentation fault");
  CHECK(waiting.get().error().code == Errc::driver_error);
  CHECK(fixture.status(id) == "errored");
  CHECK(fixture.open_sessions() == 0);
}

TEST_CASE("a browser that crashes between operations makes the session errored; operations then answer 410") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.crash(id, "killed");
  fixture.await_status(id, "errored");
  CHECK(fixture.post(at(id, "interact"), kTap).error().code == Errc::session_destroyed);
  CHECK(fixture.send(Method::delete_, "/v1/sessions/" + id));
  CHECK(fixture.status(id) == "errored");
}

TEST_CASE("captures come in the encoding of their kind with the size before encoding") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  const auto capture = [&](const char* kind) {
    const auto answer = fixture.post(at(id, "capture"), std::string("{\"kind\":\"") + kind + "\"}");
    REQUIRE(answer);
    CHECK(text_member(answer->body, "kind") == kind);
    return answer->body;
  };
  const auto png = base64_decode(text_member(capture("screenshot"), "data"));
  REQUIRE(png);
  CHECK(png->starts_with("\x89PNG\r\n\x1a\n"));
  CHECK(json_member(capture("screenshot"), "byte_size") == std::to_string(png->size()));
  CHECK(text_member(capture("screenshot"), "encoding") == "base64");
  CHECK(base64_decode(text_member(capture("pdf"), "data"))->starts_with("%PDF"));
  CHECK(text_member(capture("dom_snapshot"), "encoding") == "utf8");
  CHECK(text_member(capture("dom_snapshot"), "data").starts_with("<!DOCTYPE html>"));
}

TEST_CASE("full_page counts for screenshots only") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  browser::Capture heard;
  fixture.browsers.on_capture = [&](const browser::Capture& message) {
    heard = message;
    return Result<browser::Captured>();
  };
  REQUIRE(fixture.post(at(id, "capture"), R"({"kind":"screenshot","full_page":true})"));
  CHECK(heard.full_page);
  REQUIRE(fixture.post(at(id, "capture"), R"({"kind":"pdf","full_page":true})"));
  CHECK_FALSE(heard.full_page);
}

TEST_CASE("a capture over its cap is refused with both sizes, at the cap it is answered, and the session lives on") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  std::size_t bytes = 0;
  char fill = 'x';
  fixture.browsers.on_capture = [&](const browser::Capture&) {
    browser::Captured captured;
    captured.bytes.data = std::string(bytes, fill);
    return Result<browser::Captured>(std::move(captured));
  };
  const auto outcome = [&](const char* kind, std::size_t size) {
    bytes = size;
    const auto answer = fixture.post(at(id, "capture"), std::string("{\"kind\":\"") + kind + "\"}");
    if (answer) return std::string("fits");
    CHECK(answer.error().code == Errc::payload_too_large);
    const std::string members = "{" + answer.error().members + "}";
    return json_member(members, "limit_bytes") + " " + (json_member(members, "size_bytes") == std::to_string(size) ? "raw" : "whole");
  };
  constexpr std::size_t kMiB = 1 << 20;
  CHECK(outcome("screenshot", 4 * kMiB) == "fits");
  CHECK(outcome("screenshot", 4 * kMiB + 1) == "4194304 raw");
  CHECK(outcome("pdf", 5 * kMiB) == "fits");
  CHECK(outcome("pdf", 7 * kMiB) == "8388608 whole");
  CHECK(outcome("pdf", 8 * kMiB + 1) == "8388608 raw");
  CHECK(outcome("dom_snapshot", 7 * kMiB) == "fits");
  CHECK(outcome("dom_snapshot", 9 * kMiB) == "8388608 whole");
  fill = '"';  // escaped, it takes two bytes
  CHECK(outcome("dom_snapshot", 5 * kMiB) == "8388608 whole");
  CHECK(fixture.status(id) == "ready");
}

TEST_CASE("reading the state answers its shape and moves last_state_at, which no other operation does") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  const auto first = fixture.get(at(id, "state"));
  REQUIRE(first);
  for (const char* key : {"url", "title", "page_state"}) CHECK(json_member(first->body, key) == "null");
  CHECK(json_member(first->body, "cookies") == "[]");
  CHECK(json_member(first->body, "local_storage") == "{}");
  const auto noted = fixture.member(id, "last_state_at");
  CHECK(noted == text_member(first->body, "captured_at"));
  CHECK(fixture.member(id, "updated_at") == noted);

  fixture.host().clock().advance(std::chrono::seconds(5));
  REQUIRE(fixture.post(at(id, "navigate"), R"({"url":"https://example.com/"})"));
  CHECK(fixture.member(id, "last_state_at") == noted);
  const auto second = fixture.get(at(id, "state"));
  CHECK(text_member(second->body, "url") == "https://example.com/");
  CHECK(fixture.member(id, "last_state_at") > noted);
}

TEST_CASE("reading the state claims the session like any operation") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.hold("wait");
  auto waiting = fixture.send_later(Method::post, at(id, "wait"), kWait);
  fixture.browsers.wait_until_held("wait");
  CHECK(fixture.get(at(id, "state")).error().code == Errc::conflict);
  fixture.browsers.release("wait");
  CHECK(waiting.get());
  CHECK(fixture.member(id, "last_state_at") == "null");
}

TEST_CASE("another account's session is not found by any operation, and nothing reaches its browser") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  const auto before = fixture.browsers.dispatches();
  const auto other = testing::test_principal(2, ScopeSet{Scope::account_owner});
  const auto code = [&](Method method, const std::string& path, const char* body) {
    const auto answer = fixture.send_as(other, method, path, body);
    return answer ? Errc::internal : answer.error().code;
  };
  CHECK(code(Method::get, "/v1/sessions/" + id, "") == Errc::not_found);
  CHECK(code(Method::get, at(id, "state"), "") == Errc::not_found);
  CHECK(code(Method::delete_, "/v1/sessions/" + id, "") == Errc::not_found);
  CHECK(code(Method::post, at(id, "interact"), kTap) == Errc::not_found);
  CHECK(code(Method::post, at("ses_bad", "interact"), kTap) == Errc::not_found);
  CHECK(fixture.browsers.dispatches() == before);
  CHECK(fixture.status(id) == "ready");
}

TEST_CASE("typed text is in no log line") {
  SessionsFixture fixture;
  const auto id = fixture.create();
  fixture.browsers.on_interact = [](const browser::Interact&) { return Error(Errc::driver_error, "lost"); };
  const auto answer = fixture.post(at(id, "interact"), R"({"action":{"kind":"type","selector":"#p","text":"hunter2-secret"}})");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().detail.find("hunter2") == std::string::npos);
  CHECK(fixture.host().log().mentions(id));
  CHECK_FALSE(fixture.host().log().mentions("hunter2"));
}

}  // namespace
}  // namespace driftstack::sessions::test

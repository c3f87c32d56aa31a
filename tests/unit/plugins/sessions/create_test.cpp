#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

TEST_CASE("create answers a ready session with every key of the contract") {
  SessionsFixture fixture;
  const auto answer = fixture.post("/v1/sessions", "{}");
  REQUIRE(answer);
  CHECK(answer->status == 201);
  CHECK(text_member(answer->body, "status") == "ready");
  CHECK(text_member(answer->body, "id").starts_with("ses_"));
  CHECK(text_member(answer->body, "account_id") == "acc_" + fixture.caller.effective_account.to_text());
  CHECK(text_member(answer->body, "api_key_id") == "key_" + fixture.caller.credential.to_text());
  CHECK(text_member(answer->body, "archetype") == "fake_desktop");
  CHECK(text_member(answer->body, "purpose") == "production_customer");
  for (const char* null_key : {"label", "metadata", "egress_capabilities", "egress_capability_report", "last_state_at", "destroyed_at"}) {
    INFO(null_key);
    CHECK(json_member(answer->body, null_key) == "null");
  }
  CHECK(text_member(answer->body, "created_at").ends_with("Z"));
  CHECK(text_member(answer->body, "updated_at") >= text_member(answer->body, "created_at"));
  CHECK(fixture.record(text_member(answer->body, "id")).text() == answer->body);
  CHECK(fixture.browsers.running() == std::vector<std::string>{text_member(answer->body, "id")});
}

TEST_CASE("create keeps label, metadata and the chosen archetype, and ignores keys that it does not know") {
  SessionsFixture fixture;
  const auto id = fixture.create(R"({"archetype":"fake_mobile","label":"a \"b\"","metadata":{"n":1.50,"list":[]},"record":true})");
  CHECK(fixture.member(id, "archetype") == "fake_mobile");
  CHECK(fixture.member(id, "label") == "a \"b\"");
  CHECK(json_member(fixture.record(id).text(), "metadata") == R"({"n":1.50,"list":[]})");
}

TEST_CASE("a session that no API key created shows the nil key") {
  SessionsFixture fixture;
  fixture.caller.kind = CredentialKind::web_session;
  const auto id = fixture.create();
  CHECK(fixture.member(id, "api_key_id") == "key_00000000-0000-0000-0000-000000000000");
}

TEST_CASE("a session with a saved proxy begins with a try of it and carries it, password opened") {
  SessionsFixture fixture;
  const auto saved =
      fixture.post("/v1/account/me/proxies",
                   R"({"label":"p","scheme":"http","host":"proxy.example.com","port":8080,"username":"ada","password":"s3cret"})");
  REQUIRE(saved);
  const std::string id = text_member(saved->body, "id");
  std::string started_with;
  fixture.browsers.on_start = [&](const browser::Start& message) {
    if (message.proxy)
      started_with = message.proxy->host + " " + *message.proxy->username + " " + std::string(message.proxy->password->reveal());
    CHECK(message.blocked_domains == std::vector<std::string>{"ads.example"});
    return Result<Done>(Done());
  };
  const auto session = fixture.post("/v1/sessions", R"({"proxy_id":")" + id + R"(","blocked_domains":["ADS.example"]})");
  REQUIRE(session);
  CHECK(text_member(session->body, "proxy_id") == id);
  CHECK(started_with == "proxy.example.com ada s3cret");
  CHECK(fixture.browsers.dispatches("probe_proxy") == 1);
}

TEST_CASE("a proxy that carries nothing starts nothing and leaves no row") {
  SessionsFixture fixture;
  const auto saved = fixture.post("/v1/account/me/proxies", R"({"label":"p","host":"proxy.example.com","port":1080})");
  REQUIRE(saved);
  const std::string id = text_member(saved->body, "id");
  fixture.browsers.on_probe_proxy = [](const browser::ProbeProxy&) {
    browser::ProxyProbed probed;
    probed.failure = browser::ProxyFailure::timeout;
    return Result<browser::ProxyProbed>(std::move(probed));
  };
  const auto refused = fixture.post("/v1/sessions", R"({"proxy_id":")" + id + R"("})");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::proxy_validation_failed);
  CHECK(refused.error().members == R"("reason":"timeout","resource":"proxy")");
  CHECK(fixture.open_sessions() == 0);
  CHECK(fixture.browsers.dispatches("start") == 0);
  const auto tested = fixture.post("/v1/account/me/proxies/" + id + "/test", "{}");
  REQUIRE(tested);
  CHECK(tested->status == 200);
  CHECK(json_member(tested->body, "ok") == "false");
}

TEST_CASE("a raw proxy is refused before a profile is looked for; a profile or saved proxy is not found") {
  SessionsFixture fixture;
  const auto code = [&](const char* body) {
    const auto answer = fixture.post("/v1/sessions", body);
    return answer ? Errc::internal : answer.error().code;
  };
  CHECK(code(R"({"proxy":{"host":"h"},"profile_id":"prof_bad"})") == Errc::bad_request);
  CHECK(code(R"({"proxy":"socks5://h:1"})") == Errc::bad_request);
  CHECK(code(R"({"profile_id":"prof_bad"})") == Errc::not_found);
  CHECK(code(R"({"proxy_id":"00000000-0000-4000-8000-000000000000"})") == Errc::not_found);
  CHECK(code(R"({"archetype":"not_in_the_catalog","profile_id":"prof_bad"})") == Errc::validation_failed);
  CHECK(fixture.browsers.dispatches() == 0);
  CHECK(fixture.open_sessions() == 0);
}

TEST_CASE("creating is recorded in the audit log of the account") {
  SessionsFixture fixture;
  const auto id = fixture.create(R"({"label":"shop"})");
  const auto entries = fixture.audit.entries("session.created");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].account == fixture.caller.effective_account);
  CHECK(entries[0].actor == AuditActor::customer);
  CHECK(entries[0].target == id);
  CHECK(entries[0].payload == R"({"label":"shop","archetype":"fake_desktop"})");
}

TEST_CASE("an audit entry that cannot be written takes the row with it") {
  SessionsFixture fixture;
  fixture.audit.fail_next(Error(Errc::busy, "the chain is locked"));
  CHECK_FALSE(fixture.post("/v1/sessions", "{}"));
  CHECK(fixture.open_sessions() == 0);
  CHECK(fixture.browsers.dispatches() == 0);
}

TEST_CASE("one session over the cap is refused with both numbers and the open ids, without a retry time") {
  SessionsFixture fixture;
  fixture.accounts.concurrent_sessions = 2;
  const auto first = fixture.create();
  const auto second = fixture.create();
  const auto refused = fixture.post("/v1/sessions", "{}");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::concurrency_limit);
  CHECK(refused.error().retry_after_seconds == 0);
  CHECK(refused.error().detail == "Account already has 2 active sessions; tier permits 2.");
  const std::string members = "{" + refused.error().members + "}";
  CHECK(json_member(members, "current_sessions") == "2");
  CHECK(json_member(members, "limit") == "2");
  CHECK(json_member(members, "open_session_ids") == "[\"" + second + "\",\"" + first + "\"]");
  CHECK(json_member(members, "open_session_ids_truncated") == "false");
  CHECK(fixture.audit.entries("session.created").size() == 2);

  REQUIRE(fixture.send(Method::delete_, "/v1/sessions/" + first));
  fixture.create();
}

TEST_CASE("the cap counts per account") {
  SessionsFixture fixture;
  fixture.accounts.concurrent_sessions = 1;
  fixture.create();
  const auto other = testing::test_principal(2, ScopeSet{Scope::account_owner});
  CHECK(fixture.send_as(other, Method::post, "/v1/sessions", "{}"));
}

TEST_CASE("parallel creates never exceed the cap") {
  SessionsFixture fixture;
  fixture.accounts.concurrent_sessions = 5;
  std::vector<std::future<Result<Response>>> answers;
  for (int i = 0; i < 30; ++i) answers.push_back(fixture.send_later(Method::post, "/v1/sessions", "{}"));
  int created = 0, limited = 0;
  for (auto& answer : answers) {
    const auto got = answer.get();
    if (got) ++created;
    if (!got && got.error().code == Errc::concurrency_limit) ++limited;
  }
  CHECK(created == 5);
  CHECK(limited == 25);
  CHECK(fixture.open_sessions() == 5);
  CHECK(fixture.browsers.running().size() == 5);
}

TEST_CASE("a session that is being created is visible, takes a slot, and refuses operations") {
  SessionsFixture fixture;
  fixture.accounts.concurrent_sessions = 1;
  fixture.browsers.hold("start");
  auto creating = fixture.send_later(Method::post, "/v1/sessions", "{}");
  fixture.browsers.wait_until_held("start");
  const auto list = fixture.get("/v1/sessions");
  REQUIRE(list);
  const auto json = wire::Json::parse(list->body);
  const auto rows = json->view().find("data")->elements();
  REQUIRE(rows.size() == 1);
  const auto id = *rows[0].find("id")->as_text();
  CHECK(rows[0].find("status")->as_text() == "creating");
  CHECK(fixture.post("/v1/sessions", "{}").error().code == Errc::concurrency_limit);
  CHECK(fixture.post("/v1/sessions/" + id + "/capture", R"({"kind":"pdf"})").error().code == Errc::conflict);
  fixture.browsers.release("start");
  CHECK(creating.get());
  CHECK(fixture.status(id) == "ready");
}

TEST_CASE("a browser that does not start makes the session errored, frees its slot and answers driver-error") {
  SessionsFixture fixture;
  fixture.accounts.concurrent_sessions = 1;
  fixture.browsers.on_start = [](const browser::Start&) { return Error(Errc::driver_error, "no display"); };
  const auto answer = fixture.post("/v1/sessions", "{}");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::driver_error);
  CHECK(answer.error().detail.find("no display") != std::string::npos);
  CHECK(fixture.open_sessions() == 0);
  const auto list = fixture.get("/v1/sessions?status=errored");
  const auto json = wire::Json::parse(list->body);
  const auto rows = json->view().find("data")->elements();
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(rows[0].find("destroyed_at")->is_null());
  CHECK(fixture.audit.entries("session.destroyed").empty());
  fixture.browsers.on_start = [](const browser::Start&) { return Result<>(); };
  fixture.create();
}

TEST_CASE("a backend that cannot run here is a 503, and so is no backend") {
  SessionsFixture fixture;
  fixture.browsers.on_start = [](const browser::Start&) { return Error(Errc::driver_not_integrated, "no user namespaces"); };
  CHECK(fixture.post("/v1/sessions", "{}").error().code == Errc::driver_not_integrated);
  Options without;
  without.with_backend = false;
  SessionsFixture bare(without);
  const auto answer = bare.post("/v1/sessions", "{}");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::driver_not_integrated);
  CHECK(bare.open_sessions() == 0);
  CHECK(bare.get("/v1/sessions"));
  CHECK(bare.get("/v1/archetypes").error().code == Errc::driver_not_integrated);
}

TEST_CASE("a browser that takes longer than 25 seconds to start is given up") {
  SessionsFixture fixture;
  fixture.browsers.hold("start");
  auto creating = fixture.send_later(Method::post, "/v1/sessions", "{}");
  fixture.browsers.wait_until_held("start");
  fixture.host().clock().advance(std::chrono::seconds(26));
  const auto answer = creating.get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::driver_error);
  CHECK(fixture.open_sessions() == 0);
  CHECK(fixture.browsers.running().empty());
}

TEST_CASE("a keyed create stores its answer in the transaction that makes the session ready") {
  SessionsFixture fixture;
  RememberedRecord record;
  const auto answer = fixture.send(Method::post, "/v1/sessions", "{}", &record);
  REQUIRE(answer);
  CHECK(record.status_ == 201);
  CHECK(record.body_ == answer->body);
  CHECK(record.resource_id_ == text_member(answer->body, "id"));
}

TEST_CASE("a keyed create that failed stores nothing") {
  SessionsFixture fixture;
  fixture.browsers.on_start = [](const browser::Start&) { return Error(Errc::driver_error, "no display"); };
  RememberedRecord record;
  CHECK_FALSE(fixture.send(Method::post, "/v1/sessions", "{}", &record));
  CHECK(record.status_ == 0);
}

TEST_CASE("a browser that dies while the session is created makes the create fail and the session errored") {
  SessionsFixture fixture;
  fixture.browsers.hold("start");
  auto creating = fixture.send_later(Method::post, "/v1/sessions", "{}");
  fixture.browsers.wait_until_held("start");
  fixture.browsers.crash(fixture.browsers.running().at(0), "out of memory");
  const auto answer = creating.get();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::driver_error);
  CHECK(fixture.open_sessions() == 0);
}

}  // namespace
}  // namespace driftstack::sessions::test

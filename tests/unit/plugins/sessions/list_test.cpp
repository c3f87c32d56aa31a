#include <algorithm>
#include <catch2/catch.hpp>

#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

std::vector<std::string> ids(const std::string& body) {
  std::vector<std::string> out;
  const auto json = wire::Json::parse(body);
  for (const auto& row : json->view().find("data")->elements()) out.push_back(*row.find("id")->as_text());
  return out;
}

std::string list(SessionsFixture& fixture, const std::string& query) {
  const auto answer = fixture.get("/v1/sessions" + query);
  INFO(query);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  return answer->body;
}

Errc refusal(SessionsFixture& fixture, const std::string& query) {
  const auto answer = fixture.get("/v1/sessions" + query);
  return answer ? Errc::internal : answer.error().code;
}

TEST_CASE("three sessions in pages of one: three pages, distinct cursors, newest first, the last says so") {
  SessionsFixture fixture;
  std::vector<std::string> created;
  for (int i = 0; i < 3; ++i) created.push_back(fixture.create());
  std::reverse(created.begin(), created.end());
  std::vector<std::string> seen, cursors;
  std::string query = "?limit=1";
  for (int page = 0; page < 3; ++page) {
    const auto body = list(fixture, query);
    for (const auto& id : ids(body)) seen.push_back(id);
    CHECK(json_member(body, "has_more") == (page < 2 ? "true" : "false"));
    if (page == 2) CHECK(json_member(body, "next_cursor") == "null");
    cursors.push_back(text_member(body, "next_cursor"));
    query = "?limit=1&cursor=" + cursors.back();
  }
  CHECK(seen == created);
  CHECK(cursors[0] != cursors[1]);
}

TEST_CASE("sessions of the same microsecond are all listed once") {
  SessionsFixture fixture;
  fixture.host().clock().freeze();
  std::vector<std::string> created;
  for (int i = 0; i < 4; ++i) created.push_back(fixture.create());
  const auto first = list(fixture, "?limit=2");
  const auto second = list(fixture, "?limit=2&cursor=" + text_member(first, "next_cursor"));
  auto seen = ids(first);
  for (const auto& id : ids(second)) seen.push_back(id);
  CHECK(std::is_sorted(seen.rbegin(), seen.rend()));
  std::sort(created.begin(), created.end());
  std::sort(seen.begin(), seen.end());
  CHECK(seen == created);
  CHECK(json_member(second, "has_more") == "false");
}

TEST_CASE("limit is 1 to 100, status one of five, a cursor 1 to 512 characters of ours") {
  SessionsFixture fixture;
  for (const char* query : {"?limit=0", "?limit=101", "?limit=x", "?limit=1.5", "?status=gone", "?cursor=", "?cursor=abc"}) {
    INFO(query);
    CHECK(refusal(fixture, query) == Errc::validation_failed);
  }
  CHECK(refusal(fixture, "?cursor=" + std::string(513, 'a')) == Errc::validation_failed);
  for (const char* query : {"", "?limit=1", "?limit=100", "?status=creating", "?status=busy", "?unknown=1"}) {
    CHECK(json_member(list(fixture, query), "next_cursor") == "null");
  }
}

TEST_CASE("a cursor of another account, of another filter or with a changed character does not open") {
  SessionsFixture fixture;
  for (int i = 0; i < 2; ++i) fixture.create();
  const auto cursor = text_member(list(fixture, "?limit=1"), "next_cursor");
  CHECK(ids(list(fixture, "?limit=1&cursor=" + cursor)).size() == 1);
  CHECK(refusal(fixture, "?limit=1&status=ready&cursor=" + cursor) == Errc::validation_failed);
  auto changed = cursor;
  changed[5] = changed[5] == 'A' ? 'B' : 'A';
  CHECK(refusal(fixture, "?limit=1&cursor=" + changed) == Errc::validation_failed);
  const auto other = testing::test_principal(2, ScopeSet{Scope::account_owner});
  CHECK(fixture.send_as(other, Method::get, "/v1/sessions?limit=1&cursor=" + cursor).error().code == Errc::validation_failed);
}

TEST_CASE("the status filter tells ready from busy, which only memory knows, also across pages") {
  SessionsFixture fixture;
  std::vector<std::string> created;
  for (int i = 0; i < 4; ++i) created.push_back(fixture.create());
  REQUIRE(fixture.send(Method::delete_, "/v1/sessions/" + created[0]));
  fixture.browsers.hold("wait");
  auto waiting = fixture.send_later(Method::post, "/v1/sessions/" + created[2] + "/wait", R"({"condition":{"kind":"time","ms":1}})");
  fixture.browsers.wait_until_held("wait");
  using Ids = std::vector<std::string>;
  CHECK(ids(list(fixture, "?status=busy")) == Ids{created[2]});
  CHECK(ids(list(fixture, "?status=ready")) == Ids{created[3], created[1]});
  CHECK(ids(list(fixture, "?status=destroyed")) == Ids{created[0]});
  CHECK(ids(list(fixture, "")) == Ids{created[3], created[2], created[1], created[0]});
  const auto first = list(fixture, "?status=ready&limit=1");
  CHECK(ids(first) == Ids{created[3]});
  const auto second = list(fixture, "?status=ready&limit=1&cursor=" + text_member(first, "next_cursor"));
  CHECK(ids(second) == Ids{created[1]});
  CHECK(json_member(second, "next_cursor") == "null");
  fixture.browsers.release("wait");
  CHECK(waiting.get());
}

TEST_CASE("an account lists its own sessions only") {
  SessionsFixture fixture;
  fixture.create();
  const auto other = testing::test_principal(2, ScopeSet{Scope::account_owner});
  CHECK(ids(fixture.send_as(other, Method::get, "/v1/sessions")->body).empty());
}

}  // namespace
}  // namespace driftstack::sessions::test

// GET /v1/account/audit-log. platform.md 7 and 11.3.

#include <catch2/catch.hpp>
#include <set>

#include "audit_fixture.hpp"
#include "driftstack/support/timestamp.hpp"

namespace driftstack::audit::test {
namespace {

constexpr const char* kPath = "/v1/account/audit-log";

void append_at(AuditFixture& audit, const Uuid& account, const char* time, std::string action = "session.created",
               std::string target = "ses_1") {
  audit.host().clock().set_unix_micros(Timestamp::from_text(time)->micros());
  AuditEntry entry = own_entry(account, std::move(action));
  entry.target = std::move(target);
  REQUIRE(audit.append(std::move(entry)));
}

std::string cursor_of(const wire::Json& page) { return text_of(page.view(), "next_cursor"); }

Errc refusal(const Result<Response>& answer) {
  REQUIRE_FALSE(answer);
  return answer.error().code;
}

}  // namespace

TEST_CASE("an entry shows every key of its shape, in order") {
  AuditFixture audit;
  audit.host().clock().freeze();
  const Uuid account = *Uuid::from_text("3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11");
  audit.host().clock().set_unix_micros(Timestamp::from_text("2026-05-09T22:30:00.123Z")->micros());
  AuditEntry entry = own_entry(account, "api_key.minted");
  entry.target = "key_1";
  entry.payload = R"({"name":"ci","scopes":["read"]})";
  REQUIRE(audit.append(std::move(entry)));
  const auto page = audit.page(account);
  const std::string id = text_of(items(page)[0], "id");
  REQUIRE(Uuid::from_text(id));
  const std::string owner = account.to_text();
  const std::string time = "2026-05-09T22:30:00.123Z";
  CHECK(page.text() ==
        "{\"data\":[{\"id\":\"" + id + "\",\"account_id\":\"acc_" + owner + "\",\"actor_type\":\"customer\",\"actor_account_id\":\"acc_" +
            owner + "\",\"actor_key_id\":\"key_" + owner +
            "\",\"action\":\"api_key.minted\",\"target_resource_id\":\"key_1\",\"payload\":{\"name\":\"ci\",\"scopes\":[\"read\"]},"
            "\"ip_address\":\"192.0.2.1\",\"user_agent\":\"agent\",\"timestamp\":\"" +
            time + "\"}],\"has_more\":false,\"next_cursor\":null}");
}

TEST_CASE("pages go on where the last one ended, newest first, also among equal times and while entries arrive") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.host().clock().freeze();
  audit.append_all(account, 25);
  audit.append_all(random_uuid(), 3);
  std::set<std::string> seen;
  std::string query = "limit=10";
  std::size_t pages = 0;
  while (true) {
    const auto page = audit.page(account, query);
    ++pages;
    for (const auto& item : items(page)) CHECK(seen.insert(text_of(item, "id")).second);
    if (cursor_of(page).empty()) {
      CHECK(page.view().find("has_more")->as_bool() == false);
      break;
    }
    CHECK(items(page).size() == 10);
    CHECK(page.view().find("has_more")->as_bool() == true);
    query = "limit=10&cursor=" + cursor_of(page);
    audit.host().clock().advance(std::chrono::seconds(1));
    REQUIRE(audit.append(own_entry(account)));  // newer than every page that is left
  }
  CHECK(pages == 3);
  CHECK(seen.size() == 25);
}

TEST_CASE("a page that is exactly full and last says so") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.append_all(account, 10);
  CHECK(cursor_of(audit.page(account, "limit=10")).empty());
  CHECK_FALSE(cursor_of(audit.page(account, "limit=9")).empty());
}

TEST_CASE("filters choose by action, actor, target and time, alone and together") {
  AuditFixture audit;
  audit.host().clock().freeze();
  const Uuid account = random_uuid();
  append_at(audit, account, "2026-05-08T23:59:59.999Z", "session.created", "ses_1");
  append_at(audit, account, "2026-05-09T00:00:00.000Z", "session.destroyed", "ses_1");
  append_at(audit, account, "2026-05-09T12:00:00.500Z", "api_key.minted", "key_1");
  append_at(audit, account, "2026-05-09T23:59:59.998Z", "session.created", "ses_2");
  audit.host().clock().set_unix_micros(Timestamp::from_text("2026-05-10T00:00:00Z")->micros());
  REQUIRE(audit.append(AuditEntry(account, AuditActor::system, "session.destroyed")));

  const std::pair<const char*, std::size_t> cases[] = {
      {"", 5},
      {"action=session.created", 2},
      {"action=team.updated", 0},
      {"actor_type=system", 1},
      {"actor_type=staff", 0},
      {"target_resource_id=ses_1", 2},
      {"target_resource_id=ses_", 0},
      {"target_resource_id=ses_1&action=session.destroyed", 1},
      {"target_resource_id=ses_1&actor_type=system", 0},
      {"action=session.destroyed&actor_type=customer", 1},
      {"from=2026-05-09&to=2026-05-09", 3},
      {"from=2026-05-09", 4},
      {"to=2026-05-08", 1},
      {"from=2026-05-09T12:00:00.500Z&to=2026-05-09T12:00:00.500Z", 1},
      {"from=2026-05-09T14:00:00.500%2B02:00&to=2026-05-09T14:00:00.500%2B02:00", 1},
      {"from=2026-05-09T12:00:00.502Z&to=2026-05-09", 1},
      {"to=2026-05-09T12:00:00.498Z", 2},
      {"from=2026-05-10&to=2026-05-09", 0},
      {"action=session.created&from=2026-05-09&to=2026-05-09", 1},
      {"unknown=1", 5},
  };
  for (const auto& [query, count] : cases) {
    CAPTURE(query);
    CHECK(items(audit.page(account, query)).size() == count);
  }
}

TEST_CASE("a query that breaks a rule is refused and names the field") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  const std::pair<std::string, const char*> cases[] = {
      {"limit=0", "limit"},
      {"limit=101", "limit"},
      {"limit=ten", "limit"},
      {"action=everything", "action"},
      {"actor_type=robot", "actor_type"},
      {"target_resource_id=", "target_resource_id"},
      {"target_resource_id=" + std::string(201, 'x'), "target_resource_id"},
      {"from=yesterday", "from"},
      {"to=2026-02-30", "to"},
      {"to=2026-05-09T12:00:00", "to"},
      {"cursor=", "cursor"},
      {"cursor=abc", "cursor"},
      {"cursor=" + std::string(513, 'x'), "cursor"},
  };
  for (const auto& [query, field] : cases) {
    CAPTURE(query);
    const auto answer = audit.get(account, kPath, query);
    CHECK(refusal(answer) == Errc::validation_failed);
    CHECK(answer.error().members.find(std::string("\"path\":[\"") + field + "\"]") != std::string::npos);
  }
  CHECK(audit.get(account, kPath, "limit=1"));
  CHECK(audit.get(account, kPath, "limit=100"));
}

TEST_CASE("a cursor opens for its account, its filters and nothing else") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  const Uuid other = random_uuid();
  audit.append_all(account, 3);
  audit.append_all(other, 3);
  const std::string cursor = cursor_of(audit.page(account, "limit=1&action=session.created"));
  CHECK(items(audit.page(account, "limit=2&action=session.created&cursor=" + cursor)).size() == 2);
  CHECK(refusal(audit.get(other, kPath, "action=session.created&cursor=" + cursor)) == Errc::validation_failed);
  CHECK(refusal(audit.get(account, kPath, "cursor=" + cursor)) == Errc::validation_failed);
  CHECK(refusal(audit.get(account, kPath, "action=session.created&from=2020-01-01&cursor=" + cursor)) == Errc::validation_failed);
  std::string changed = cursor;
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  CHECK(refusal(audit.get(account, kPath, "action=session.created&cursor=" + changed)) == Errc::validation_failed);
}

TEST_CASE("addresses and agents are shown only of what the account did itself, and only to itself") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  const char* payload =
      R"({"kept":1,"issued_from_ip":"192.0.2.1","user_agent":"x","deep":{"source_ip":"192.0.2.1","list":[{"ip_address":"1"}]}})";
  const std::string bare = R"({"kept":1,"deep":{"list":[{}]}})";
  AuditEntry own = own_entry(account);
  AuditEntry by_member = own_entry(account);
  by_member.actor_account = random_uuid();
  AuditEntry by_staff = own_entry(account, "admin.support_note");
  by_staff.actor = AuditActor::staff;
  AuditEntry by_system(account, AuditActor::system, "session.destroyed");
  for (AuditEntry entry : {own, by_member, by_staff, by_system}) {
    audit.host().clock().advance(std::chrono::seconds(1));
    entry.payload = payload;
    REQUIRE(audit.append(std::move(entry)));
  }
  const auto seen = audit.page(account);
  const auto rows = items(seen);  // newest first
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].find("payload")->text() == payload);  // the system, for the account
  CHECK(rows[3].find("payload")->text() == payload);
  CHECK(text_of(rows[3], "ip_address") == "192.0.2.1");
  CHECK(text_of(rows[3], "user_agent") == "agent");
  for (const std::size_t hidden : {1U, 2U}) {
    CHECK(rows[hidden].find("payload")->text() == bare);
    CHECK(rows[hidden].find("ip_address")->is_null());
    CHECK(rows[hidden].find("user_agent")->is_null());
  }
  CHECK(rows[1].find("actor_account_id")->is_null());  // staff
  CHECK(rows[1].find("actor_key_id")->is_null());
  CHECK_FALSE(rows[2].find("actor_account_id")->is_null());

  const auto as_member = audit.get_as_member(account, kPath);
  REQUIRE(as_member);
  CHECK(as_member->body.find("192.0.2.1") == std::string::npos);
  CHECK(as_member->body.find("agent\":\"") == std::string::npos);
  CHECK(as_member->body.find("\"kept\":1") != std::string::npos);
}

TEST_CASE("every route declares who may call it") {
  AuditFixture audit;
  for (const char* path : {kPath, "/v1/account/audit-log/export"}) {
    const Route* route = audit.route(path);
    REQUIRE(route != nullptr);
    CHECK(route->authentication == Authentication::bearer);
    CHECK(route->scopes_any == ScopeSet{Scope::read_audit});
    CHECK(route->team == TeamAccess::member_read);
    CHECK(route->bucket == "global");
  }
}

}  // namespace driftstack::audit::test

// GET /v1/account/audit-log/export. platform.md 11.4.

#include <catch2/catch.hpp>

#include "audit_fixture.hpp"
#include "driftstack/support/timestamp.hpp"
#include "plugins/audit/csv.hpp"

namespace driftstack::audit::test {
namespace {

constexpr const char* kPath = "/v1/account/audit-log/export";

constinit const db::Statement kManyEntries(
    "INSERT INTO audit_entries (account_id, sequence, id, actor_type, action, payload, created_at, link) "
    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $2) "
    "SELECT $1, n, '3f2b8c1e-5d47-4a0b-9c65-' || substr('000000000000' || n, -12), 'system', 'session.created', $3, n, '00' FROM numbers");

std::string header(const Response& response, std::string_view name) {
  for (const Header& candidate : response.headers) {
    if (candidate.name == name) return candidate.value;
  }
  return {};
}

std::size_t lines(const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at + 2)) ++count;
  return count;
}

Response exported(AuditFixture& audit, const Uuid& account, std::string query) {
  auto answer = audit.get(account, kPath, std::move(query));
  REQUIRE(answer);
  return std::move(*answer);
}

}  // namespace

TEST_CASE("the JSON export holds every entry with its count and a dated file name") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.host().clock().set_unix_micros(Timestamp::from_text("2026-05-09T23:59:00Z")->micros());
  audit.append_all(account, 3);
  const Response answer = exported(audit, account, "");
  CHECK(answer.content_type == "application/json");
  CHECK(header(answer, "Content-Disposition") == "attachment; filename=\"driftstack-audit-log-2026-05-09.json\"");
  CHECK(header(answer, "x-driftstack-export-truncated") == "false");
  const auto body = wire::Json::parse(answer.body);
  REQUIRE(body);
  std::string keys;
  for (const auto& member : body->view().members()) keys += member.key + " ";
  CHECK(keys == "generated_at account_id row_count truncated data ");
  CHECK(text_of(body->view(), "account_id") == "acc_" + account.to_text());
  CHECK(body->view().find("row_count")->as_int() == 3);
  CHECK(body->view().find("truncated")->as_bool() == false);
  CHECK(body->view().find("data")->text() == audit.page(account).view().find("data")->text());
}

TEST_CASE("an empty log exports as an empty list, and as a header line") {
  AuditFixture audit;
  CHECK(exported(audit, random_uuid(), "format=json").body.find("\"row_count\":0,\"truncated\":false,\"data\":[]}") != std::string::npos);
  CHECK(exported(audit, random_uuid(), "format=csv").body == csv_header());
}

TEST_CASE("the CSV export has nine columns and quotes what needs quotes") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.host().clock().set_unix_micros(Timestamp::from_text("2026-05-09T10:00:00Z")->micros());
  audit.host().clock().freeze();
  AuditEntry entry = own_entry(account, "api_key.minted");
  entry.actor_key.reset();
  entry.target = "key_1";
  entry.user_agent = "=cmd|' /C calc'!A0";
  entry.payload = R"({"name":"a, \"b\""})";
  REQUIRE(audit.append(std::move(entry)));
  const Response answer = exported(audit, account, "format=csv");
  CHECK(answer.content_type == "text/csv");
  const std::string time = text_of(items(audit.page(account))[0], "timestamp");
  CHECK(answer.body == "timestamp,action,actor_type,actor_account_id,actor_key_id,target_resource_id,ip_address,user_agent,payload\r\n" +
                           time + ",api_key.minted,customer,acc_" + account.to_text() +
                           ",,key_1,192.0.2.1,'=cmd|' /C calc'!A0,\"{\"\"name\"\":\"\"a, \\\"\"b\\\"\"\"\"}\"\r\n");
}

TEST_CASE("cells are quoted as RFC 4180 says, and no cell is a formula") {
  const std::pair<std::string, std::string> cells[] = {
      {"", ""},
      {"plain", "plain"},
      {"a,b", "\"a,b\""},
      {"a\"b", "\"a\"\"b\""},
      {"a\nb", "\"a\nb\""},
      {"a\r\nb", "\"a\r\nb\""},
      {"=1+1", "'=1+1"},
      {"+1", "'+1"},
      {"-1", "'-1"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"\tx", "'\tx"},
      {"\rx", "\"'\rx\""},
      {"=a,b", "\"'=a,b\""},
      {"a=1", "a=1"},
  };
  for (const auto& [text, cell] : cells) {
    CAPTURE(text);
    std::string out;
    append_csv_cell(out, text);
    CHECK(out == cell);
  }
}

TEST_CASE("the export keeps the newest ten thousand rows and says when there were more") {
  AuditFixture audit;
  const Uuid exact = random_uuid();
  const Uuid more = random_uuid();
  audit.execute(kManyEntries, db::values(exact.to_text(), 10'000, std::optional<std::string>()));
  audit.execute(kManyEntries, db::values(more.to_text(), 10'001, std::optional<std::string>()));
  const Response whole = exported(audit, exact, "format=csv");
  CHECK(lines(whole.body) == 10'001);
  CHECK(header(whole, "x-driftstack-export-truncated") == "false");
  const Response cut = exported(audit, more, "format=csv");
  CHECK(lines(cut.body) == 10'001);
  CHECK(header(cut, "x-driftstack-export-truncated") == "true");
  CHECK(exported(audit, more, "").body.find("\"row_count\":10000,\"truncated\":true") != std::string::npos);
}

TEST_CASE("an export stays within eight MiB and is whole JSON all the same") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.execute(kManyEntries,
                db::values(account.to_text(), 3000, std::optional<std::string>("{\"text\":\"" + std::string(4000, 'x') + "\"}")));
  for (const char* format : {"format=json", "format=csv"}) {
    const Response answer = exported(audit, account, format);
    CHECK(answer.body.size() <= std::size_t{8} << 20);
    CHECK(answer.body.size() > std::size_t{7} << 20);
    CHECK(header(answer, "x-driftstack-export-truncated") == "true");
  }
  const Response answer = exported(audit, account, "");
  CHECK(answer.body.substr(answer.body.size() - 3) == "}]}");
}

TEST_CASE("the time filters of an export include both ends, and a member sees no addresses") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  for (const char* day : {"2026-05-08T12:00:00Z", "2026-05-09T12:00:00Z", "2026-05-10T12:00:00Z"}) {
    audit.host().clock().set_unix_micros(Timestamp::from_text(day)->micros());
    REQUIRE(audit.append(own_entry(account)));
  }
  CHECK(lines(exported(audit, account, "format=csv&from=2026-05-09&to=2026-05-09").body) == 2);
  CHECK(lines(exported(audit, account, "format=csv&from=2026-05-09").body) == 3);
  CHECK(exported(audit, account, "").body.find("192.0.2.1") != std::string::npos);
  const auto as_member = audit.get_as_member(account, kPath, "format=csv");
  REQUIRE(as_member);
  CHECK(as_member->body.find("192.0.2.1") == std::string::npos);
  CHECK_FALSE(audit.get(account, kPath, "format=xml"));
  CHECK_FALSE(audit.get(account, kPath, "from=soon"));
}

}  // namespace driftstack::audit::test

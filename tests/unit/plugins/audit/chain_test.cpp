// What the chain promises: entries commit with their change, and every later change of them shows.

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "audit_fixture.hpp"
#include "driftstack/support/hex.hpp"

namespace driftstack::audit::test {
namespace {

constinit const db::Statement kSequences("SELECT sequence FROM audit_entries WHERE account_id = $1 ORDER BY sequence");
constinit const db::Statement kDeleteEntry("DELETE FROM audit_entries WHERE account_id = $1 AND sequence = $2");
constinit const db::Statement kDeleteFrom("DELETE FROM audit_entries WHERE account_id = $1 AND sequence >= $2");
constinit const db::Statement kMove("UPDATE audit_entries SET sequence = $3 WHERE account_id = $1 AND sequence = $2");
constinit const db::Statement kCopy(
    "INSERT INTO audit_entries (account_id, sequence, id, actor_type, action, created_at, link) "
    "SELECT account_id, $3, id, actor_type, action, created_at, link FROM audit_entries WHERE account_id = $1 AND sequence = $2");
constinit const db::Statement kSetCount("UPDATE audit_heads SET entries = $2 WHERE account_id = $1");
constinit const db::Statement kSetLink("UPDATE audit_heads SET link = $2 WHERE account_id = $1");
constinit const db::Statement kSetSeal("UPDATE audit_heads SET seal = $2 WHERE account_id = $1");
constinit const db::Statement kDeleteHead("DELETE FROM audit_heads WHERE account_id = $1");

void require_break(const AuditVerdict& verdict, const Uuid& account, std::int64_t position, AuditBreakKind kind) {
  REQUIRE(verdict.first_break);
  CHECK(verdict.first_break->account == account);
  CHECK(verdict.first_break->position == position);
  CHECK(verdict.first_break->kind == kind);
  CHECK_FALSE(verdict.first_break->detail.empty());
}

}  // namespace

TEST_CASE("untouched chains verify, each account for itself") {
  AuditFixture audit;
  CHECK(audit.verify().accounts == 0);
  for (int i = 0; i < 3; ++i) audit.append_all(random_uuid(), i + 1);
  const AuditVerdict verdict = audit.verify();
  CHECK_FALSE(verdict.first_break);
  CHECK(verdict.accounts == 3);
  CHECK(verdict.entries == 6);
}

TEST_CASE("a chain longer than one page of the walk verifies, and a break behind the first page is found") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  const auto call = audit.host().call(std::chrono::minutes(5));
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    for (int i = 0; i < 1203; ++i) {
      AuditEntry entry = own_entry(account);
      auto appended = co_await audit.log().append(transaction, std::move(entry));
      if (!appended) co_return appended;
    }
    co_return Done();
  };
  REQUIRE(testing::run(audit.host(), db::transaction(audit.database(), *call, body)));
  CHECK_FALSE(audit.verify().first_break);
  CHECK(audit.verify().entries == 1203);
  CHECK(audit.execute(kDeleteEntry, db::values(account.to_text(), 1100)) == 1);
  require_break(audit.verify(), account, 1100, AuditBreakKind::missing);
}

TEST_CASE("an entry of a change that is rolled back is gone with it, and the chain goes on without a gap") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.append_all(account, 2);
  const auto call = audit.host().call();
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    AuditEntry entry = own_entry(account);
    auto appended = co_await audit.log().append(transaction, std::move(entry));
    if (!appended) co_return appended;
    co_return Error(Errc::conflict, "the change failed after all");
  };
  CHECK(testing::run(audit.host(), db::transaction(audit.database(), *call, body)).error().code == Errc::conflict);
  CHECK(audit.read(kSequences, db::values(account.to_text())).size() == 2);
  audit.append_all(account, 1);
  CHECK(audit.read(kSequences, db::values(account.to_text())).size() == 3);
  CHECK_FALSE(audit.verify().first_break);
}

TEST_CASE("fifty appends to one chain at once leave fifty numbers without a gap, and verify while they run") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.append_all(account, 1);
  std::atomic<int> appended{0};  // Catch's own macros are for one thread
  std::vector<std::thread> writers;
  for (int i = 0; i < 50; ++i) {
    writers.emplace_back(
        [&audit, &appended, account, i] { appended += audit.append(own_entry(account), static_cast<IoThread>(i % 2)) ? 1 : 0; });
  }
  for (int i = 0; i < 5; ++i) CHECK_FALSE(audit.verify().first_break);
  for (auto& writer : writers) writer.join();
  CHECK(appended == 50);
  const db::Rows rows = audit.read(kSequences, db::values(account.to_text()));
  REQUIRE(rows.size() == 51);
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i].integer(0) == static_cast<std::int64_t>(i) + 1);
  CHECK(audit.verify().entries == 51);
}

TEST_CASE("a change of any column of an entry shows as an edit of that entry") {
  static constinit const db::Statement kEdits[] = {
      db::Statement("UPDATE audit_entries SET id = '00000000-0000-4000-8000-000000000000' WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET actor_type = 'system' WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET actor_account = NULL WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET actor_key = '00000000-0000-4000-8000-000000000000' WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET action = 'session.destroyed' WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET target = 'ses_9' WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET target = NULL WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET payload = '{\"number\":9}' WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET payload = NULL WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET ip_address = '' WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET ip_address = NULL WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET user_agent = 'other' WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET created_at = created_at - 1 WHERE account_id = $1 AND sequence = 2"),
      db::Statement("UPDATE audit_entries SET link = '00' WHERE account_id = $1 AND sequence = 2"),
  };
  AuditFixture audit;
  for (const db::Statement& edit : kEdits) {
    CAPTURE(edit.text());
    const Uuid account = random_uuid();
    audit.append_all(account, 3);
    REQUIRE_FALSE(audit.verify().first_break);
    REQUIRE(audit.execute(edit, db::values(account.to_text())) == 1);
    require_break(audit.verify(), account, 2, AuditBreakKind::edited);
    audit.execute(kDeleteFrom, db::values(account.to_text(), 0));
    audit.execute(kDeleteHead, db::values(account.to_text()));
  }
}

TEST_CASE("an entry taken out of the middle is missing") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.append_all(account, 4);
  REQUIRE(audit.execute(kDeleteEntry, db::values(account.to_text(), 2)) == 1);
  require_break(audit.verify(), account, 2, AuditBreakKind::missing);
}

TEST_CASE("a gap that was closed by renumbering still shows") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.append_all(account, 4);
  audit.execute(kDeleteEntry, db::values(account.to_text(), 2));
  audit.execute(kMove, db::values(account.to_text(), 3, 2));
  audit.execute(kMove, db::values(account.to_text(), 4, 3));
  require_break(audit.verify(), account, 2, AuditBreakKind::edited);
}

TEST_CASE("two entries that changed places are reordered") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.append_all(account, 5);
  audit.execute(kMove, db::values(account.to_text(), 2, 99));
  audit.execute(kMove, db::values(account.to_text(), 4, 2));
  audit.execute(kMove, db::values(account.to_text(), 99, 4));
  require_break(audit.verify(), account, 2, AuditBreakKind::reordered);
}

TEST_CASE("a tail that was cut off shows, and so does a log that was emptied") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.append_all(account, 5);
  REQUIRE(audit.execute(kDeleteFrom, db::values(account.to_text(), 4)) == 2);
  require_break(audit.verify(), account, 4, AuditBreakKind::cut);
  REQUIRE(audit.execute(kDeleteFrom, db::values(account.to_text(), 1)) == 3);
  require_break(audit.verify(), account, 1, AuditBreakKind::cut);
}

TEST_CASE("entries that nobody appended show, before the start and behind the end") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.append_all(account, 3);
  audit.execute(kCopy, db::values(account.to_text(), 3, 4));
  require_break(audit.verify(), account, 4, AuditBreakKind::added);
  audit.execute(kDeleteEntry, db::values(account.to_text(), 4));
  REQUIRE_FALSE(audit.verify().first_break);
  audit.execute(kCopy, db::values(account.to_text(), 3, -1));
  require_break(audit.verify(), account, -1, AuditBreakKind::added);
}

TEST_CASE("a head that was changed, put back without its seal, or taken away shows") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  audit.append_all(account, 3);
  // The intruder cuts the tail and makes the head fit.
  audit.execute(kDeleteEntry, db::values(account.to_text(), 3));
  audit.execute(kSetCount, db::values(account.to_text(), 2));
  require_break(audit.verify(), account, 0, AuditBreakKind::head);

  const Uuid other = random_uuid();
  audit.execute(kDeleteFrom, db::values(account.to_text(), 0));
  audit.execute(kDeleteHead, db::values(account.to_text()));
  audit.append_all(other, 2);
  REQUIRE_FALSE(audit.verify().first_break);
  audit.execute(kSetLink, db::values(other.to_text(), hex_encode(std::string(32, 'x'))));
  require_break(audit.verify(), other, 0, AuditBreakKind::head);
  audit.execute(kDeleteHead, db::values(other.to_text()));
  require_break(audit.verify(), other, 0, AuditBreakKind::head);
}

TEST_CASE("nothing is appended over a damaged head: a new seal would hide the damage") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  const Uuid other = random_uuid();
  audit.append_all(account, 2);
  audit.execute(kSetSeal, db::values(account.to_text(), hex_encode(std::string(32, 'x'))));
  const auto refused = audit.append(own_entry(account));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::internal);
  CHECK(audit.read(kSequences, db::values(account.to_text())).size() == 2);
  CHECK(audit.append(own_entry(other)));
}

TEST_CASE("what a client sends is kept as text that any database takes, and what we send must be an object") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  AuditEntry entry = own_entry(account);
  entry.user_agent = std::string("bad \xff byte \0 zero ", 18) + std::string(2000, 'x');
  REQUIRE(audit.append(std::move(entry)));
  const std::string kept = text_of(items(audit.page(account))[0], "user_agent");
  CHECK(kept.substr(0, 21) == "bad \xEF\xBF\xBD byte \xEF\xBF\xBD zero");
  CHECK(kept.size() == 512);
  CHECK_FALSE(audit.verify().first_break);

  for (const char* payload : {"", "[]", "\"text\"", "{", "{\"a\":1,\"a\":2}"}) {
    CAPTURE(payload);
    AuditEntry wrong = own_entry(account);
    wrong.payload = payload;
    CHECK(audit.append(std::move(wrong)).error().code == Errc::misuse);
  }
}

TEST_CASE("appended entries are counted by prefix and actor") {
  AuditFixture audit;
  const Uuid account = random_uuid();
  REQUIRE(audit.append(own_entry(account, "api_key.minted")));
  REQUIRE(audit.append(own_entry(account, "api_key.revoked")));
  REQUIRE(audit.append(AuditEntry(account, AuditActor::system, "session.destroyed")));
  REQUIRE(audit.append(AuditEntry(account, AuditActor::staff, "something.new")));
  const auto count = [&](const char* prefix, const char* actor) {
    return audit.host().metrics().value("driftstack_account_audit_emit_total", {Label("prefix", prefix), Label("actor_type", actor)});
  };
  CHECK(count("api_key", "customer") == 2);
  CHECK(count("session", "system") == 1);
  CHECK(count("other", "staff") == 1);
  CHECK(count("session", "customer") == 0);
}

}  // namespace driftstack::audit::test

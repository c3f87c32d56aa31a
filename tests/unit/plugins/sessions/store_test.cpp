#include "store.hpp"

#include <catch2/catch.hpp>

#include "session_ender.hpp"
#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

Session row_of(const Uuid& account, std::int64_t created_at) {
  Session session;
  session.id = SessionId::random();
  session.account = account;
  session.archetype = "fake_desktop";
  session.created_at = session.updated_at = created_at;
  return session;
}

struct StoreFixture : SessionsFixture {
  SessionStore store{database(), audit, "main"};
  Uuid account = random_uuid();

  template <class T>
  T run(Task<T> task) {
    return testing::run(host(), std::move(task));
  }
  Session insert(std::int64_t created_at = 1) {
    const Session session = row_of(account, created_at);
    const AuditEntry entry(account, AuditActor::system, "test.inserted");
    const auto call = host().call();
    const auto admission = run(store.insert(*call, session, 100, entry));
    REQUIRE(admission);
    REQUIRE(admission->admitted);
    return session;
  }
};

TEST_CASE("a stored session reads back as it was, and for its account only") {
  StoreFixture fixture;
  Session session = row_of(fixture.account, 42);
  session.api_key = random_uuid();
  session.label = "a\"b";
  session.metadata = R"({"x":[1,2]})";
  const auto call = fixture.host().call();
  const AuditEntry entry(fixture.account, AuditActor::system, "test.inserted");
  REQUIRE(fixture.run(fixture.store.insert(*call, session, 1, entry)));
  const auto found = fixture.run(fixture.store.find(*call, fixture.account, session.id));
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->api_key == session.api_key);
  CHECK((*found)->label == session.label);
  CHECK((*found)->metadata == session.metadata);
  CHECK((*found)->status == Status::creating);
  CHECK((*found)->created_at == 42);
  CHECK_FALSE((*found)->last_state_at);
  CHECK_FALSE((*found)->destroyed_at);
  CHECK_FALSE(*fixture.run(fixture.store.find(*call, random_uuid(), session.id)));
}

TEST_CASE("a row ends once: the second end changes nothing and appends nothing") {
  StoreFixture fixture;
  const auto session = fixture.insert();
  const auto call = fixture.host().call();
  const Ending first = ending_by_duration_cap(fixture.account, session.id, 7);
  const Ending second(EndReason::driver, 8, "late");
  CHECK_FALSE(*fixture.run(fixture.store.end(*call, random_uuid(), session.id, first)));
  CHECK(*fixture.run(fixture.store.end(*call, fixture.account, session.id, first)));
  CHECK_FALSE(*fixture.run(fixture.store.end(*call, fixture.account, session.id, second)));
  CHECK_FALSE(*fixture.run(fixture.store.end(*call, fixture.account, session.id, first)));
  CHECK_FALSE(*fixture.run(fixture.store.become_ready(*call, session.id, 9, nullptr, "")));
  const auto row = **fixture.run(fixture.store.find(*call, fixture.account, session.id));
  CHECK(row.status == Status::destroyed);
  CHECK(row.destroyed_at == 7);
  CHECK(row.updated_at == 7);
  CHECK(fixture.audit.entries("session.destroyed").size() == 1);
}

TEST_CASE("noting a read of the state leaves the status alone, also after the end") {
  StoreFixture fixture;
  const auto session = fixture.insert();
  const auto call = fixture.host().call();
  REQUIRE(fixture.run(fixture.store.end(*call, fixture.account, session.id, Ending(EndReason::driver, 7, ""))));
  REQUIRE(fixture.run(fixture.store.note_state_read(*call, fixture.account, session.id, 9)));
  const auto row = **fixture.run(fixture.store.find(*call, fixture.account, session.id));
  CHECK(row.status == Status::errored);
  CHECK(row.last_state_at == 9);
}

TEST_CASE("deleting ended rows goes in slices and spares open and younger ones") {
  StoreFixture fixture;
  const auto call = fixture.host().call();
  const auto open = fixture.insert();
  const auto young = fixture.insert();
  REQUIRE(fixture.run(fixture.store.end(*call, fixture.account, young.id, Ending(EndReason::driver, 100, ""))));
  const auto old = fixture.insert();
  REQUIRE(fixture.run(fixture.store.end(*call, fixture.account, old.id, Ending(EndReason::driver, 99, ""))));
  CHECK(*fixture.run(fixture.store.delete_ended(*call, 100)) == 1);
  CHECK(*fixture.run(fixture.store.delete_ended(*call, 100)) == 0);
  CHECK(*fixture.run(fixture.store.find(*call, fixture.account, open.id)));
  CHECK(*fixture.run(fixture.store.find(*call, fixture.account, young.id)));
  CHECK_FALSE(*fixture.run(fixture.store.find(*call, fixture.account, old.id)));
}

}  // namespace
}  // namespace driftstack::sessions::test

// Conformance of the Database role: bringing a plugin's tables up to date.

#include <array>

#include "driftstack/testing/conformance/database_conformance.hpp"

namespace driftstack::testing {
namespace {

constexpr db::Migration kFirst{1, "things", "CREATE TABLE things (id bigint PRIMARY KEY, name text NOT NULL)"};
constexpr db::Migration kSecond{2, "a thing",
                                "INSERT INTO things (id, name) VALUES (1, 'one');\nINSERT INTO things (id, name) VALUES (2, 'two');"};
constexpr db::Migration kThird{3, "a column", "ALTER TABLE things ADD COLUMN colour text NOT NULL DEFAULT 'red'"};

constexpr std::array kOne{kFirst};
constexpr std::array kTwo{kFirst, kSecond};
constexpr std::array kThree{kFirst, kSecond, kThird};

constinit const db::Statement kCountThings("SELECT count(*) FROM things");
constinit const db::Statement kCountRed("SELECT count(*) FROM things WHERE colour = 'red'");
constinit const db::Statement kAllThings("SELECT * FROM things ORDER BY id");
constinit const db::Statement kCountOwned("SELECT count(*) FROM owned");
constinit const db::Statement kInsertThing("INSERT INTO things (id, name) VALUES ($1, $2)");

TEST_CASE_METHOD(DatabaseCase, "each step is applied once", "[conformance]") {
  REQUIRE(migrate("things", kOne));
  CHECK(number(kCountThings) == 0);
  REQUIRE(migrate("things", kTwo));
  REQUIRE(migrate("things", kTwo));
  CHECK(number(kCountThings) == 2);
  reopen();
  REQUIRE(migrate("things", kThree));
  CHECK(number(kCountRed) == 2);
}

TEST_CASE_METHOD(DatabaseCase, "a statement that was prepared before a step works after it", "[conformance]") {
  REQUIRE(migrate("things", kTwo));
  REQUIRE(write(kInsertThing, db::values(3, "three")));
  REQUIRE(read(kAllThings)->size() == 3);
  REQUIRE(migrate("things", kThree));
  REQUIRE(write(kInsertThing, db::values(4, "four")));
  auto rows = read(kAllThings);
  INFO((rows ? std::string() : rows.error().detail));
  REQUIRE(rows);
  REQUIRE(rows->size() == 4);
  CHECK((*rows)[3].text(2) == "red");
}

TEST_CASE_METHOD(DatabaseCase, "data of a newer version is refused", "[conformance]") {
  REQUIRE(migrate("things", kThree));
  auto older = migrate("things", kTwo);
  REQUIRE_FALSE(older);
  CHECK(older.error().code == Errc::internal);
  CHECK(older.error().detail.find("step 3") != std::string::npos);
  CHECK(older.error().detail.find("newer version") != std::string::npos);
  CHECK(migrate("things", kThree));
}

TEST_CASE_METHOD(DatabaseCase, "a step that was changed after it was applied is refused", "[conformance]") {
  REQUIRE(migrate("things", kTwo));
  static constexpr db::Migration kEdited{2, "a thing", "INSERT INTO things (id, name) VALUES (1, 'edited')"};
  static constexpr std::array kChanged{kFirst, kEdited, kThird};
  auto changed = migrate("things", kChanged);
  REQUIRE_FALSE(changed);
  CHECK(changed.error().code == Errc::internal);
  CHECK(changed.error().detail.find("migration 2 of things") != std::string::npos);
  CHECK_FALSE(read(kCountRed));  // nothing was applied
  CHECK(migrate("things", kThree));
}

TEST_CASE_METHOD(DatabaseCase, "steps are numbered from one without gaps", "[conformance]") {
  static constexpr std::array kGap{kFirst, kThird};
  auto gap = migrate("things", kGap);
  REQUIRE_FALSE(gap);
  CHECK(gap.error().code == Errc::misuse);
  CHECK_FALSE(read(kCountThings));
}

TEST_CASE_METHOD(DatabaseCase, "a step that fails leaves nothing behind and can be repaired", "[conformance]") {
  static constexpr db::Migration kBroken{2, "broken",
                                         "INSERT INTO things (id, name) VALUES (1, 'one'); INSERT INTO nowhere (id) VALUES (1)"};
  static constexpr std::array kFailing{kFirst, kBroken};
  auto failed = migrate("things", kFailing);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().detail.find("migration 2 of things (broken)") != std::string::npos);
  CHECK(number(kCountThings) == 0);  // step 1 stays, step 2 is undone as a whole
  REQUIRE(migrate("things", kTwo));
  CHECK(number(kCountThings) == 2);
}

TEST_CASE_METHOD(DatabaseCase, "a step that breaks a reference is refused", "[conformance]") {
  static constexpr db::Migration kOwned{2, "owned",
                                        "INSERT INTO things (id, name) VALUES (1, 'one');"
                                        "CREATE TABLE owned (id bigint PRIMARY KEY, thing bigint NOT NULL, "
                                        "CONSTRAINT owned_thing_fkey FOREIGN KEY (thing) REFERENCES things (id));"
                                        "INSERT INTO owned (id, thing) VALUES (1, 1)"};
  static constexpr db::Migration kBreaking{3, "break", "DELETE FROM things WHERE id = 1"};
  static constexpr std::array kGood{kFirst, kOwned};
  static constexpr std::array kBad{kFirst, kOwned, kBreaking};
  REQUIRE(migrate("things", kGood));
  auto broken = migrate("things", kBad);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Errc::constraint);
  CHECK(number(kCountThings) == 1);
  CHECK(number(kCountOwned) == 1);
}

TEST_CASE_METHOD(DatabaseCase, "the steps of two plugins are counted apart", "[conformance]") {
  static constexpr db::Migration kOther{1, "other", "CREATE TABLE owned (id bigint PRIMARY KEY)"};
  static constexpr std::array kOthers{kOther};
  REQUIRE(migrate("things", kTwo));
  REQUIRE(migrate("owners", kOthers));
  CHECK(number(kCountOwned) == 0);
  CHECK(migrate("things", kTwo));
}

TEST_CASE_METHOD(DatabaseCase, "several callers that migrate at once apply each step once", "[conformance]") {
  auto answers = all_at_once(6, [&](std::size_t) { return database().migrate(call(), "things", kTwo); });
  for (const auto& answer : answers) {
    INFO((answer ? std::string() : answer.error().detail));
    CHECK(answer);
  }
  CHECK(number(kCountThings) == 2);
}

}  // namespace
}  // namespace driftstack::testing

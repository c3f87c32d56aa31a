#include <array>

#include "file_store.hpp"

namespace driftstack::testing {
namespace {

constinit const db::Statement kInsertPair("INSERT INTO pairs (a, b) VALUES ($1, $2)");
constinit const db::Statement kCountChildren("SELECT count(*) FROM children");
constinit const db::Statement kInsertChild("INSERT INTO children (id, parent) VALUES ($1, $2)");
constinit const db::Statement kCountPairs("SELECT count(*) FROM pairs");

TEST_CASE_METHOD(DatabaseCase, "an unnamed unique constraint is named as PostgreSQL names it") {
  static constexpr std::array kPairs{db::Migration{1, "pairs", "CREATE TABLE pairs (a bigint, b bigint, UNIQUE (a, b))"}};
  REQUIRE(migrate("pairs", kPairs));
  REQUIRE(write(kInsertPair, db::values(1, 1)));
  auto again = write(kInsertPair, db::values(1, 1));
  REQUIRE_FALSE(again);
  CHECK(again.error().constraint == "pairs_a_b_key");
}

TEST_CASE_METHOD(DatabaseCase, "two unique indexes that could not be told apart are refused") {
  static constexpr std::array kTwins{
      db::Migration{1, "pairs",
                    "CREATE TABLE pairs (a bigint, b bigint); CREATE UNIQUE INDEX pairs_a_unique ON pairs (a);"
                    "CREATE UNIQUE INDEX pairs_a_live_unique ON pairs (a) WHERE b = 0"}};
  static constexpr std::array kSingle{db::Migration{
      1, "pairs", "CREATE TABLE pairs (a bigint, b bigint); CREATE UNIQUE INDEX pairs_a_live_unique ON pairs (a) WHERE b = 0"}};
  auto twins = migrate("pairs", kTwins);
  REQUIRE_FALSE(twins);
  CHECK(twins.error().code == Errc::misuse);
  CHECK(twins.error().detail.find("pairs_a_live_unique") != std::string::npos);
  CHECK_FALSE(read(kCountPairs));
  CHECK(migrate("pairs", kSingle));
}

TEST_CASE_METHOD(DatabaseCase, "a table that others refer to can be rebuilt without losing their rows") {
  static constexpr db::Migration kFamily{
      1, "family",
      "CREATE TABLE parents (id bigint PRIMARY KEY);"
      "CREATE TABLE children (id bigint PRIMARY KEY, parent bigint NOT NULL, CONSTRAINT children_parent_fkey "
      "FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE);"
      "INSERT INTO parents (id) VALUES (1); INSERT INTO children (id, parent) VALUES (1, 1)"};
  static constexpr db::Migration kRebuild{2, "rebuild",
                                          "CREATE TABLE parents_new (id bigint PRIMARY KEY, name text NOT NULL DEFAULT '');"
                                          "INSERT INTO parents_new (id) SELECT id FROM parents; DROP TABLE parents;"
                                          "ALTER TABLE parents_new RENAME TO parents"};
  static constexpr std::array kBoth{kFamily, kRebuild};
  REQUIRE(migrate("family", kBoth));
  CHECK(number(kCountChildren) == 1);
  auto orphan = write(kInsertChild, db::values(2, 2));  // references are checked again
  REQUIRE_FALSE(orphan);
  CHECK(orphan.error().code == Errc::constraint);
}

TEST_CASE_METHOD(DatabaseCase, "a step that ends its own transaction is refused") {
  static constexpr std::array kEnding{db::Migration{1, "pairs", "CREATE TABLE pairs (a bigint, b bigint); COMMIT"}};
  auto ended = migrate("pairs", kEnding);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == Errc::misuse);
}

}  // namespace
}  // namespace driftstack::testing

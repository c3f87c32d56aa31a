// Conformance of the Database role: values, nulls, conflicts and what a caller may write wrong.

#include <limits>

#include "driftstack/testing/conformance/database_conformance.hpp"

namespace driftstack::testing {
namespace {

constexpr db::Migration kTables[] = {
    {1, "tables",
     "CREATE TABLE cells (id bigint PRIMARY KEY, flag boolean, whole bigint, real_number double precision, words text, bytes bytea);"
     "CREATE TABLE notes (id text NOT NULL, account text NOT NULL, slug text NOT NULL, state text NOT NULL DEFAULT 'live', "
     "  CONSTRAINT notes_pkey PRIMARY KEY (id), CONSTRAINT notes_state_known CHECK (state IN ('live', 'gone')));"
     "CREATE UNIQUE INDEX notes_account_slug_unique ON notes (account, slug);"
     "CREATE UNIQUE INDEX notes_account_live_unique ON notes (account) WHERE state = 'gone';"
     "CREATE UNIQUE INDEX notes_folded_unique ON notes (account, lower(slug));"
     "CREATE TABLE replies (id text PRIMARY KEY, note text NOT NULL, "
     "  CONSTRAINT replies_note_fkey FOREIGN KEY (note) REFERENCES notes (id));"},
};

constinit const db::Statement kInsertCell("INSERT INTO cells (id, flag, whole, real_number, words, bytes) VALUES ($1, $2, $3, $4, $5, $6)");
constinit const db::Statement kReadCell("SELECT flag, whole, real_number, words, bytes FROM cells WHERE id = $1");
constinit const db::Statement kReadByFlag("SELECT id FROM cells WHERE flag = $1");
constinit const db::Statement kInsertNote("INSERT INTO notes (id, account, slug) VALUES ($1, $2, $3)");
constinit const db::Statement kInsertNoteState("INSERT INTO notes (id, account, slug, state) VALUES ($1, 'a', $1, $2)");
constinit const db::Statement kInsertReply("INSERT INTO replies (id, note) VALUES ($1, $2)");
constinit const db::Statement kRenameNotes("UPDATE notes SET slug = $2 WHERE account = $1 RETURNING id");
constinit const db::Statement kDeleteNotes("DELETE FROM notes WHERE account = $1");
constinit const db::Statement kCountNotes("SELECT count(*) FROM notes");
constinit const db::Statement kSwappedParameters("SELECT account FROM notes WHERE slug = $2 AND account = $1 AND slug = $2");
constinit const db::Statement kSpelledWrong("SELEC 1");
constinit const db::Statement kTwoStatements("SELECT 1; SELECT 2");

class ValuesCase : public DatabaseCase {
 public:
  ValuesCase() {
    auto migrated = migrate("values", kTables);
    INFO((migrated ? std::string() : migrated.error().detail));
    REQUIRE(migrated);
  }
};

TEST_CASE_METHOD(ValuesCase, "every type comes back as it went in", "[conformance]") {
  const std::string blob("\x00\xff\x01 bytes", 9);
  const std::int64_t large = std::numeric_limits<std::int64_t>::min();
  REQUIRE(write(kInsertCell, db::values(1, true, large, 0.1, "gr\xC3\xBC\xC3\x9F dich", db::Blob(blob))));
  auto rows = read(kReadCell, db::values(1));
  REQUIRE(rows);
  REQUIRE(rows->size() == 1);
  const db::Row row = (*rows)[0];
  CHECK(row.boolean(0));
  CHECK(row.integer(1) == large);
  CHECK(row.real(2) == 0.1);
  CHECK(row.text(3) == "gr\xC3\xBC\xC3\x9F dich");
  CHECK(row.text(4) == blob);
  CHECK(read(kReadByFlag, db::values(true))->size() == 1);
  CHECK(read(kReadByFlag, db::values(false))->empty());
}

TEST_CASE_METHOD(ValuesCase, "null is null in every type, and empty text is not null", "[conformance]") {
  REQUIRE(write(kInsertCell, db::values(1, std::optional<bool>(), std::optional<std::int64_t>(), std::optional<double>(),
                                        std::optional<std::string>(), db::Blob(""))));
  auto rows = read(kReadCell, db::values(1));
  REQUIRE(rows);
  const db::Row row = (*rows)[0];
  for (std::size_t column = 0; column < 4; ++column) CHECK(row.is_null(column));
  CHECK_FALSE(row.is_null(4));
  CHECK(row.text(4).empty());
  CHECK(row.maybe_integer(1) == std::nullopt);
  CHECK_THROWS_AS(row.integer(1), std::logic_error);
}

TEST_CASE_METHOD(ValuesCase, "large values pass", "[conformance]") {
  const std::string large(std::size_t{3} << 20, 'x');  // larger than any buffer of a client library
  REQUIRE(write(kInsertCell, db::values(1, true, 1, 1.0, large, db::Blob(large))));
  auto rows = read(kReadCell, db::values(1));
  REQUIRE(rows);
  CHECK((*rows)[0].text(3) == large);
  CHECK((*rows)[0].text(4) == large);
}

TEST_CASE_METHOD(ValuesCase, "a parameter may stand anywhere and more than once", "[conformance]") {
  REQUIRE(write(kInsertNote, db::values("n1", "ada", "first")));
  auto rows = read(kSwappedParameters, db::values("ada", "first"));
  REQUIRE(rows);
  CHECK(rows->size() == 1);
  CHECK(read(kSwappedParameters, db::values("first", "ada"))->empty());
}

TEST_CASE_METHOD(ValuesCase, "a change tells how many rows it changed and returns what it was asked for", "[conformance]") {
  CHECK(write(kInsertNote, db::values("n1", "ada", "first"))->changed() == 1);
  CHECK(write(kInsertNote, db::values("n2", "bob", "first"))->changed() == 1);
  auto renamed = write(kRenameNotes, db::values("ada", "second"));
  REQUIRE(renamed);
  CHECK(renamed->changed() == 1);
  REQUIRE(renamed->size() == 1);
  CHECK((*renamed)[0].text(0) == "n1");
  CHECK(write(kDeleteNotes, db::values("nobody"))->changed() == 0);
  CHECK(read(kCountNotes)->changed() == 0);
  CHECK(write(kDeleteNotes, db::values("bob"))->changed() == 1);
  CHECK(number(kCountNotes) == 1);
}

TEST_CASE_METHOD(ValuesCase, "a conflict names the violated index", "[conformance]") {
  REQUIRE(write(kInsertNote, db::values("n1", "ada", "first")));
  auto same_slug = write(kInsertNote, db::values("n2", "ada", "first"));
  REQUIRE_FALSE(same_slug);
  CHECK(same_slug.error().code == Errc::conflict);
  // Two indexes are violated; which one is named may differ, but it is one of them.
  CHECK((same_slug.error().constraint == "notes_account_slug_unique" || same_slug.error().constraint == "notes_folded_unique"));

  auto same_folded = write(kInsertNote, db::values("n2", "ada", "FIRST"));
  REQUIRE_FALSE(same_folded);
  CHECK(same_folded.error().code == Errc::conflict);
  CHECK(same_folded.error().constraint == "notes_folded_unique");

  auto same_id = write(kInsertNote, db::values("n1", "bob", "other"));
  REQUIRE_FALSE(same_id);
  CHECK(same_id.error().code == Errc::conflict);
  CHECK(same_id.error().constraint == "notes_pkey");
  CHECK(number(kCountNotes) == 1);
}

TEST_CASE_METHOD(ValuesCase, "a partial unique index is named, too", "[conformance]") {
  REQUIRE(write(kInsertNoteState, db::values("n1", "gone")));
  REQUIRE(write(kInsertNoteState, db::values("n2", "live")));
  auto second = write(kInsertNoteState, db::values("n3", "gone"));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::conflict);
  CHECK(second.error().constraint == "notes_account_live_unique");
}

TEST_CASE_METHOD(ValuesCase, "checks, missing values and foreign keys are constraints", "[conformance]") {
  auto unknown_state = write(kInsertNoteState, db::values("n1", "lost"));
  REQUIRE_FALSE(unknown_state);
  CHECK(unknown_state.error().code == Errc::constraint);
  CHECK(unknown_state.error().constraint == "notes_state_known");

  auto no_account = write(kInsertNote, db::values("n1", std::optional<std::string>(), "slug"));
  REQUIRE_FALSE(no_account);
  CHECK(no_account.error().code == Errc::constraint);
  CHECK(no_account.error().constraint == "notes.account");

  auto orphan = write(kInsertReply, db::values("r1", "no such note"));
  REQUIRE_FALSE(orphan);
  CHECK(orphan.error().code == Errc::constraint);
  CHECK(orphan.error().constraint.empty());

  REQUIRE(write(kInsertNote, db::values("n1", "ada", "first")));
  CHECK(write(kInsertReply, db::values("r1", "n1")));
}

TEST_CASE_METHOD(ValuesCase, "a misused interface answers misuse and harms nothing", "[conformance]") {
  auto few = write(kInsertNote, db::values("n1", "ada"));
  REQUIRE_FALSE(few);
  CHECK(few.error().code == Errc::misuse);
  CHECK(few.error().detail.find("3 parameters, got 2") != std::string::npos);

  auto zero_byte = write(kInsertNote, db::values("n1", "ada", std::string("a\0b", 3)));
  REQUIRE_FALSE(zero_byte);
  CHECK(zero_byte.error().code == Errc::misuse);
  auto broken_text = write(kInsertNote, db::values("n1", "ada", "\xC3("));
  REQUIRE_FALSE(broken_text);
  CHECK(broken_text.error().code == Errc::misuse);

  REQUIRE(read(kReadByFlag, db::values(true)));
  auto other_type = read(kReadByFlag, db::values(1));
  REQUIRE_FALSE(other_type);
  CHECK(other_type.error().code == Errc::misuse);

  auto write_by_read = read(kInsertNote, db::values("n1", "ada", "first"));
  REQUIRE_FALSE(write_by_read);
  CHECK(write_by_read.error().code == Errc::misuse);

  auto misspelt = read(kSpelledWrong);
  REQUIRE_FALSE(misspelt);
  CHECK(misspelt.error().code == Errc::internal);
  CHECK(misspelt.error().detail.find("SELEC 1") != std::string::npos);
  CHECK_FALSE(write(kSpelledWrong));
  CHECK_FALSE(read(kTwoStatements));

  CHECK(number(kCountNotes) == 0);
  CHECK(write(kInsertNote, db::values("n1", "ada", "first")));
}

}  // namespace
}  // namespace driftstack::testing

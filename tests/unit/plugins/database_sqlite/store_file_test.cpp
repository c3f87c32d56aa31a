#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "file_store.hpp"
#include "plugins/database-sqlite/engine.hpp"

namespace driftstack::testing {
namespace {

constexpr db::Migration kNotes[] = {{1, "notes", "CREATE TABLE notes (id bigint PRIMARY KEY)"}};
constinit const db::Statement kInsertNote("INSERT INTO notes (id) VALUES ($1)");
constinit const db::Statement kCountNotes("SELECT count(*) FROM notes");

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST_CASE_METHOD(DatabaseCase, "a second server on the same file is refused until the first one ends") {
  REQUIRE(migrate("notes", kNotes));
  REQUIRE(write(kInsertNote, db::values(1)));
  {
    OpenDatabase second(store());
    REQUIRE_FALSE(second.started());
    CHECK(second.started().error().code == Errc::unavailable);
    CHECK(second.started().error().detail.find("in use by another server") != std::string::npos);
  }
  REQUIRE(write(kInsertNote, db::values(2)));  // the first one is unharmed
  reopen();
  CHECK(number(kCountNotes) == 2);
}

TEST_CASE_METHOD(DatabaseCase, "a command-line tool works beside the server on the same file") {
  REQUIRE(migrate("notes", kNotes));
  FakeHost tool_host;
  database_sqlite::EngineOptions options;
  options.path = static_cast<FileStore&>(store()).path();
  options.sharing = database_sqlite::Sharing::beside;
  options.queue_limit = 16;
  options.cache_bytes = 1 << 20;
  database_sqlite::Engine tool(tool_host.scheduler(), tool_host.clock(), tool_host.log(), options);
  REQUIRE(tool.open());
  const auto call = tool_host.call();
  REQUIRE(run(tool_host, tool.migrate(*call, "notes", kNotes)));
  for (int i = 0; i < 20; ++i) {
    REQUIRE(write(kInsertNote, db::values(2 * i)));
    REQUIRE(run(tool_host, tool.write(*call, kInsertNote, db::values(2 * i + 1))));
    CHECK(number(kCountNotes) == 2 * (i + 1));
  }
  tool.close();
  CHECK(write(kInsertNote, db::values(1000)));
}

TEST_CASE("a file that is no database is refused and left as it is") {
  FileStore store;
  const std::string text(5000, 'x');
  std::ofstream(store.path()) << text;
  OpenDatabase open(store);
  REQUIRE_FALSE(open.started());
  CHECK(open.started().error().detail.find(store.path()) != std::string::npos);
  CHECK((content_of(store.path()) == text));
}

TEST_CASE("the database of another program is refused and left as it is") {
  FileStore store;
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(store.path().c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "CREATE TABLE bookmarks (id INTEGER PRIMARY KEY)", nullptr, nullptr, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_close(other) == SQLITE_OK);
  const std::string before = content_of(store.path());
  OpenDatabase open(store);
  REQUIRE_FALSE(open.started());
  CHECK(open.started().error().detail.find("another program") != std::string::npos);
  CHECK((content_of(store.path()) == before));
}

TEST_CASE_METHOD(DatabaseCase, "only the server's user can read the database file") {
  REQUIRE(migrate("notes", kNotes));
  const std::string path = static_cast<FileStore&>(store()).path();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat facts {};
    REQUIRE(stat((path + suffix).c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600U);
  }
}

TEST_CASE("a folder that does not exist is named") {
  class MissingFolder final : public DatabaseStore {
    MapSettings settings() override { return manifest_defaults(DRIFTSTACK_PLUGIN_MANIFEST).with({{"path", "/no/such/folder/a.sqlite"}}); }
  } store;
  OpenDatabase open(store);
  REQUIRE_FALSE(open.started());
  CHECK(open.started().error().detail.find("/no/such/folder/a.sqlite") != std::string::npos);
}

}  // namespace
}  // namespace driftstack::testing

// Archives that a hostile profile could hold, and folders that a hostile page could leave.

#include "plugins/browser-webkit/session/state/state_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>

#include "driftstack/testing/fake_host.hpp"

namespace driftstack::browser_webkit {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, const std::string& content) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

MemoryFile packed(const std::string& directory) {
  auto archive = StateArchiveWriter::begin();
  REQUIRE(archive);
  Outcome<> done = pack_engine_files(directory, *archive);
  REQUIRE(done);
  auto finished = archive->finish();
  REQUIRE(finished);
  return std::move(*finished);
}

std::map<std::string, StateKind> contents(const MemoryFile& archive) {
  std::map<std::string, StateKind> found;
  const auto entries = read_state_archive(archive);
  REQUIRE(entries);
  for (const StateEntry& entry : *entries) found[entry.path] = entry.kind;
  return found;
}

Outcome<> unpack(const MemoryFile& archive, const std::string& directory) {
  const auto entries = read_state_archive(archive);
  REQUIRE(entries);
  return unpack_engine_files(archive, *entries, directory);
}

/// An archive with one entry, as only somebody else than the packer would make it.
MemoryFile archive_with(const std::string& path) {
  auto archive = StateArchiveWriter::begin();
  REQUIRE(archive->add(path, StateKind::kept, "content"));
  return std::move(*archive->finish());
}

TEST_CASE("files of the engine come back where they were, whatever their names hold") {
  testing::TemporaryDirectory before, after;
  const fs::path from(before.path()), to(after.path());
  const std::vector<std::string> names = {"data/localstorage/http_127.0.0.1_80.localstorage", "cache/CacheStorage/a/Version 16/Records/x",
                                          "data/storage/.hidden", "data/databases/100%/\xc3\xa9"};
  for (const auto& name : names) write_file(from / name, "content of " + name);
  REQUIRE(unpack(packed(before.path()), after.path()));
  for (const auto& name : names) CHECK(content_of(to / name) == "content of " + name);
  struct stat facts {};
  REQUIRE(stat((to / names[0]).c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("what can be fetched again is marked, and the rest of the engine's files is left out") {
  testing::TemporaryDirectory directory;
  const fs::path root(directory.path());
  for (const char* name : {"data/localstorage/a", "data/serviceworkers/a", "cache/CacheStorage/a", "cache/WebKitCache/a",
                           "data/mediakeys/a", "cache/hsts-storage.sqlite", "wayland-0.lock", "data/databases/x.sqlite3-shm"}) {
    write_file(root / name, "x");
  }
  const std::map<std::string, StateKind> expected = {{"cache/CacheStorage/a", StateKind::refetchable},
                                                     {"cache/hsts-storage.sqlite", StateKind::kept},
                                                     {"data/localstorage/a", StateKind::kept},
                                                     {"data/serviceworkers/a", StateKind::refetchable}};
  CHECK(contents(packed(directory.path())) == expected);
}

TEST_CASE("links, pipes and sockets in a folder are left out, also in the place of a folder that is kept") {
  testing::TemporaryDirectory directory, elsewhere;
  const fs::path root(directory.path()), secret(elsewhere.path());
  write_file(secret / "secret", "secret");
  write_file(root / "data/localstorage/a", "x");
  fs::create_symlink(secret / "secret", root / "data/localstorage/link");
  fs::create_directory_symlink(secret, root / "data/localstorage/folder");
  fs::create_directory_symlink(secret, root / "data/databases");
  REQUIRE(mkfifo((root / "data/localstorage/pipe").c_str(), 0600) == 0);
  CHECK(contents(packed(directory.path())).size() == 1);
}

TEST_CASE("a file whose name is too long for an archive is left out and costs nothing else") {
  testing::TemporaryDirectory directory;
  const fs::path root(directory.path());
  write_file(root / "data/localstorage/a", "x");
  write_file(root / "data/localstorage" / std::string(200, '\xe9') / "b", "x");  // three characters for each
  CHECK(contents(packed(directory.path())).size() == 1);
}

TEST_CASE("names that would lead out of the folder are refused before anything is written") {
  const std::string path =
      GENERATE("data/localstorage/%2e%2e", "data/localstorage/%2e%2e/%2e%2e/%2e%2e/x", "data/localstorage/%2e", "data/localstorage/a%2fb",
               "data/localstorage/%2f", "data/localstorage/a%00b", "data/localstorage/%", "data/localstorage/%2", "data/localstorage/%zz");
  INFO(path);
  testing::TemporaryDirectory directory;
  const fs::path inner = fs::path(directory.path()) / "a" / "b";
  fs::create_directories(inner);
  CHECK_FALSE(unpack(archive_with(path), inner));
  for (const auto& entry : fs::recursive_directory_iterator(directory.path())) CHECK_FALSE(entry.is_regular_file());
}

TEST_CASE("entries that are none of the engine's parts are not written") {
  const std::string path = GENERATE("cache/WebKitCache/x", "data/localstorages/x", "wayland-0", "browser/cookies.json");
  INFO(path);
  testing::TemporaryDirectory directory;
  CHECK(unpack(archive_with(path), directory.path()));
  CHECK(fs::is_empty(directory.path()));
}

TEST_CASE("unpacking follows no link and overwrites nothing") {
  testing::TemporaryDirectory directory, elsewhere;
  const fs::path root(directory.path()), target = fs::path(elsewhere.path()) / "target";
  write_file(target, "as it was");
  fs::create_directories(root / "data/localstorage");
  SECTION("a link") { fs::create_symlink(target, root / "data/localstorage/x"); }
  SECTION("a link to nothing") { fs::create_symlink(fs::path(elsewhere.path()) / "new", root / "data/localstorage/x"); }
  SECTION("a file") { write_file(root / "data/localstorage/x", "x"); }
  CHECK_FALSE(unpack(archive_with("data/localstorage/x"), directory.path()));
  CHECK(content_of(target) == "as it was");
  CHECK_FALSE(fs::exists(fs::path(elsewhere.path()) / "new"));
}

}  // namespace
}  // namespace driftstack::browser_webkit

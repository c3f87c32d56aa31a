#include "file_store.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "driftstack/testing/conformance/object_store.hpp"

namespace driftstack::storage_files {
namespace {

namespace fs = std::filesystem;
using namespace driftstack::testing;
using namespace driftstack::testing::conformance::detail;

/// A store on a folder that the test sees.
struct World {
  World() { REQUIRE(store.open(folder.path())); }
  FakeHost host;
  TemporaryDirectory folder;
  FileStore store{host};
  fs::path file(const char* key) const { return fs::path(folder.path()) / "objects" / key; }
  fs::path unfinished() const { return fs::path(folder.path()) / "unfinished"; }
};

conformance::ObjectStoreSubject subject(const std::shared_ptr<World>& world) {
  return conformance::ObjectStoreSubject(conformance::Subject<objects::Store>(world, world->host, world->store));
}

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void overwrite(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary | std::ios::trunc) << text; }
mode_t mode(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

TEST_CASE("storage-files keeps the contract of object.store/1") {
  conformance::object_store(
      [] { return conformance::ObjectStoreSubject(conformance::from_plugin<objects::Store>(DRIFTSTACK_PLUGIN_PACKAGE)); });
}

TEST_CASE("neither content nor type of an object can be read from its file, and only the server's user may open it") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  REQUIRE(put(of, "box/a", "a confidential sentence", "text/very-special"));
  const std::string file = content(world->file("box/a"));
  CHECK(file.find("confidential") == std::string::npos);
  CHECK(file.find("very-special") == std::string::npos);
  CHECK(mode(world->file("box/a")) == 0600);
  CHECK(mode(world->file("box")) == 0700);
}

TEST_CASE("a file that was changed, cut or put in another's place is refused, and still listed") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  REQUIRE(put(of, "box/a", "the first object"));
  REQUIRE(put(of, "box/b", "the other object"));
  const std::string good = content(world->file("box/a"));
  std::string bad = good;
  SECTION("a changed byte of the content") { bad.back() = static_cast<char>(bad.back() ^ 1); }
  SECTION("a changed byte of the description") { bad[80] = static_cast<char>(bad[80] ^ 1); }
  SECTION("a changed size") { bad[20] = '9'; }
  SECTION("a cut file") { bad.resize(bad.size() - 1); }
  SECTION("an empty file") { bad.clear(); }
  SECTION("a foreign file") { bad = "hello"; }
  SECTION("the file of another object") { bad = content(world->file("box/b")); }
  overwrite(world->file("box/a"), bad);
  CHECK(code_of(get(of, "box/a")) == Errc::internal);
  CHECK(keys_of(list(of, "")) == std::vector<std::string>{"box/a", "box/b"});
  overwrite(world->file("box/a"), good);
  CHECK(get(of, "box/a")->bytes.data == "the first object");
}

TEST_CASE("a link below the folder is never followed") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  REQUIRE(put(of, "box/a", "abc"));
  const TemporaryDirectory outside;
  fs::create_symlink(world->file("box/a"), world->file("box/link"));
  fs::create_directory_symlink(world->file("box"), world->file("folder"));
  fs::create_directory_symlink(outside.path(), world->file("outside"));
  CHECK(code_of(get(of, "box/link")) == Errc::not_found);
  CHECK_FALSE(get(of, "folder/a"));
  CHECK(keys_of(list(of, "")) == std::vector<std::string>{"box/a"});
  CHECK_FALSE(put(of, "outside/a", "abc"));
  CHECK(fs::is_empty(outside.path()));
}

TEST_CASE("what a crash left unfinished is gone after the next start, and what was kept is there") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  REQUIRE(put(of, "box/a", "abc"));
  CHECK(fs::is_empty(world->unfinished()));
  overwrite(world->unfinished() / "0000", "half of an obj");
  REQUIRE(world->store.open(world->folder.path()));
  CHECK(fs::is_empty(world->unfinished()));
  CHECK(get(of, "box/a")->bytes.data == "abc");
}

TEST_CASE("a write that the disk refuses says so, leaves no trace, and leaves what was there") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  REQUIRE(put(of, "box/a", "abc"));
  // The name of an object cannot become a folder: the last step fails after everything was written, as on a disk that fills up then.
  CHECK(code_of(put(of, "box/a/b", "abc")) == Errc::misuse);
  fs::create_directory(world->file("box/d"));
  CHECK(code_of(put(of, "box/d", "abc")) == Errc::unavailable);
  CHECK(fs::is_empty(world->unfinished()));
  CHECK(get(of, "box/a")->bytes.data == "abc");
  fs::remove_all(world->unfinished());
  CHECK(code_of(put(of, "box/c", "abc")) == Errc::unavailable);
  CHECK(get(of, "box/a")->bytes.data == "abc");
}

}  // namespace
}  // namespace driftstack::storage_files

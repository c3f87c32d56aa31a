#include "kernel/plugins/package.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/unit/kernel/scratch_folder.hpp"

using namespace driftstack::kernel;
using driftstack::kernel::test::ScratchFolder;

namespace {

std::string manifest(const std::string& id) { return "id = \"" + id + "\"\nversion = \"1.0.0\"\nsdk = \"0.1\"\ndescription = \"x\"\n"; }

}  // namespace

TEST_CASE("packages are found by their folders and named by their manifests") {
  ScratchFolder scratch;
  scratch.write("p/one/plugin.toml", manifest("one"));
  scratch.write("p/folder/plugin.toml", manifest("two"));
  scratch.write("p/plugins.lock", "");
  const auto packages = find_packages(scratch.path() / "p", {}, ::geteuid());
  REQUIRE(packages.size() == 2);
  CHECK(packages[0].name == "one");
  CHECK(packages[1].name == "two");
  CHECK(packages[1].folder == scratch.path() / "p/folder");
  CHECK_FALSE(packages[0].failure);
}

TEST_CASE("a package that cannot be read is found under its folder's name, with the reason") {
  ScratchFolder scratch;
  const auto file = scratch.write("p/one/plugin.toml", "id = 5\nextra = 1\n");
  std::filesystem::create_directory(scratch.path() / "p/two");
  const auto packages = find_packages(scratch.path() / "p", {}, ::geteuid());
  REQUIRE(packages.size() == 2);
  CHECK(packages[0].failure->line() ==
        "plugin one: manifest: " + file.string() +
            ":1:1: description: missing; this string is required: What the plugin does, in one sentence. (and 4 more)");
  CHECK(packages[1].failure->line() ==
        "plugin two: verify: " + (scratch.path() / "p/two/plugin.toml").string() + " cannot be opened: No such file or directory");
}

TEST_CASE("a named place wins over the plugins folder, and must hold that plugin") {
  ScratchFolder scratch;
  scratch.write("p/one/plugin.toml", manifest("one"));
  scratch.write("own/plugin.toml", manifest("one"));
  const auto packages =
      find_packages(scratch.path() / "p", {{"one", scratch.path() / "own"}, {"two", scratch.path() / "own"}}, ::geteuid());
  REQUIRE(packages.size() == 2);
  CHECK(packages[0].folder == scratch.path() / "own");
  CHECK_FALSE(packages[0].failure);
  CHECK(packages[1].name == "two");
  CHECK(packages[1].failure->line() == "plugin two: manifest: " + (scratch.path() / "own").string() + " holds the plugin \"one\"");
}

TEST_CASE("without a plugins folder there are no packages") { CHECK(find_packages("/nonexistent", {}, ::geteuid()).empty()); }

#include "kernel/plugins/loader.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "driftstack/testing/fake_host.hpp"
#include "tests/loader/fixture_packages.hpp"

using namespace driftstack;
using namespace driftstack::kernel;
using driftstack::kernel::test::FixturePackages;

namespace {

constexpr const char* kNotBuilt = ": build facts: not built for this server: ";

}  // namespace

TEST_CASE("a good library loads and makes its plugin") {
  FixturePackages fixtures({"good"});
  const LoadResult result = fixtures.load("good");
  REQUIRE_FALSE(result.failure);
  testing::FakeHost host;
  const auto plugin = result.make(host);
  REQUIRE(plugin != nullptr);
  CHECK(plugin->configure());
}

TEST_CASE("a library that was built for another server is refused before anything of it runs, and each difference is named") {
  struct Row {
    std::string fixture, differences;
  };
  const Row rows[] = {
      {"wrong-major", "sdk_major: plugin 1, host 0"},
      {"newer-minor", "sdk_minor: plugin 2, host 1"},
      {"old-strings", "cxx11_strings: plugin 0, host 1; sizeof_string: plugin 8, host 32; sizeof_error: plugin 40, host 112"},
      {"debug-containers", "debug_containers: plugin 1, host 0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fixture);
    FixturePackages fixtures({row.fixture});
    CHECK(fixtures.refusal(row.fixture) == "plugin " + row.fixture + kNotBuilt + row.differences);
  }
}

TEST_CASE("a library without a build note is refused") {
  FixturePackages fixtures({"missing-note"});
  CHECK(fixtures.refusal("missing-note") ==
        "plugin missing-note: build facts: libmissing-note.so has no build note; build it with driftstack_add_plugin() and "
        "DRIFTSTACK_PLUGIN()");
}

TEST_CASE("a library without the entry symbol is refused") {
  FixturePackages fixtures({"missing-entry"});
  CHECK(fixtures.refusal("missing-entry") ==
        "plugin missing-entry: load: has no entry symbol driftstack_plugin_create_v1; its source needs DRIFTSTACK_PLUGIN(Type) once");
}

TEST_CASE("a library that needs an unknown function is refused at load, not at the first call") {
  FixturePackages fixtures({"undefined-symbol"});
  CHECK(fixtures.refusal("undefined-symbol") ==
        "plugin undefined-symbol: load: libundefined-symbol.so: undefined symbol: driftstack_fixture_function_of_nobody");
}

TEST_CASE("a manifest that names another SDK than the library is refused") {
  FixturePackages fixtures({"stale-manifest"});
  CHECK(fixtures.refusal("stale-manifest") ==
        "plugin stale-manifest: build facts: its plugin.toml says sdk 0.0, but the library was built with 0.1");
}

TEST_CASE("a library that differs from its pin in one byte is refused") {
  FixturePackages fixtures({"good"});
  const std::string pinned = fixtures.pins().at("good").sha256;
  std::ofstream(fixtures.library("good"), std::ios::binary | std::ios::app) << 'x';
  const auto hash = package_hash(read_package(fixtures.folder("good"), ::geteuid()), ::geteuid());
  REQUIRE(hash);
  CHECK(fixtures.refusal("good") ==
        "plugin good: pin: its SHA-256 is " + *hash + ", but plugins.lock pins " + pinned + "; install the right file, or pin this one");
  fixtures.pin("good");
  CHECK(fixtures.refusal("good").empty());
}

TEST_CASE("a library that nobody pinned is refused") {
  FixturePackages fixtures({"good"});
  const std::string hash = fixtures.pins().at("good").sha256;
  fixtures.pins().clear();
  CHECK(fixtures.refusal("good") == "plugin good: pin: no hash is pinned for it, so nobody vouches for this file; when " + hash +
                                        " is the one that you mean, run: driftstack plugin pin good");
}

TEST_CASE("a manifest with the hash of another library is refused") {
  FixturePackages fixtures({"good"});
  const std::string other(64, '0');
  std::ofstream(fixtures.folder("good") / "plugin.toml")
      << "id = \"good\"\nversion = \"1.0.0\"\nsdk = \"0.1\"\ndescription = \"x\"\nsha256 = \"" << other << "\"\n";
  CHECK(fixtures.refusal("good") == "plugin good: pin: its SHA-256 is " + fixtures.pins().at("good").sha256 +
                                        ", but its plugin.toml says " + other + "; the two are not from one release");
}

TEST_CASE("whatever others could change is refused, and loads again once it is closed") {
  FixturePackages fixtures({"good"});
  struct Row {
    std::filesystem::path path;
    mode_t open, closed;
    std::string reason;
  };
  const Row rows[] = {
      {fixtures.folder("good"), 0777, 0755, "can be written by everyone; run: chmod o-w"},
      {fixtures.folder("good"), 01777, 0755, "can be written by everyone; run: chmod o-w"},
      {fixtures.folder("good"), 0775, 0755, "can be written by its group; run: chmod g-w"},
      {fixtures.dir(), 0777, 0755, "can be written by everyone; run: chmod o-w"},
      {fixtures.scratch(), 0777, 0700, "can be written by everyone; run: chmod o-w"},
      {fixtures.library("good"), 0666, 0644, "can be written by everyone; run: chmod o-w"},
      {fixtures.library("good"), 0664, 0644, "can be written by its group; run: chmod g-w"},
      {fixtures.folder("good") / "plugin.toml", 0666, 0644, "can be written by everyone; run: chmod o-w"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path, row.open);
    REQUIRE(::chmod(row.path.c_str(), row.open) == 0);
    CHECK(fixtures.refusal("good") == "plugin good: verify: " + row.path.string() + " " + row.reason);
    REQUIRE(::chmod(row.path.c_str(), row.closed) == 0);
    CHECK(fixtures.refusal("good").empty());
  }
}

TEST_CASE("a folder above that is writable by all but sticky, as /tmp is, is taken") {
  FixturePackages fixtures({"good"});
  REQUIRE(::chmod(fixtures.scratch().c_str(), 01777) == 0);
  CHECK(fixtures.refusal("good").empty());
}

TEST_CASE("files of another user are refused") {
  if (::geteuid() != 0) return;  // only root can give files away
  FixturePackages fixtures({"good"});
  for (const std::filesystem::path& path : {fixtures.library("good"), fixtures.folder("good")}) {
    CAPTURE(path);
    REQUIRE(::lchown(path.c_str(), 4711, 4711) == 0);
    CHECK(fixtures.refusal("good") ==
          "plugin good: verify: " + path.string() + " is owned by user 4711; it must be root or the server's user");
    REQUIRE(::lchown(path.c_str(), 0, 0) == 0);
    CHECK(fixtures.refusal("good").empty());
  }
}

TEST_CASE("a link is refused wherever it stands in the path") {
  FixturePackages fixtures({"good"});
  const std::filesystem::path real = fixtures.folder("good") / "real.so";
  std::filesystem::rename(fixtures.library("good"), real);
  std::filesystem::create_symlink(real, fixtures.library("good"));
  CHECK(fixtures.refusal("good") ==
        "plugin good: verify: " + fixtures.library("good").string() + " is a link; name the place that it leads to");
  std::filesystem::remove(fixtures.library("good"));
  std::filesystem::rename(real, fixtures.library("good"));

  const std::filesystem::path moved = fixtures.dir() / "moved";
  std::filesystem::rename(fixtures.folder("good"), moved);
  std::filesystem::create_symlink(moved, fixtures.folder("good"));
  CHECK(fixtures.refusal("good") ==
        "plugin good: verify: " + fixtures.folder("good").string() + " is a link; name the place that it leads to");
  std::filesystem::remove(fixtures.folder("good"));
  std::filesystem::rename(moved, fixtures.folder("good"));
  CHECK(fixtures.refusal("good").empty());
}

TEST_CASE("a path that is not absolute or climbs is refused") {
  FixturePackages fixtures({"good"});
  const auto refusal = [&fixtures](const std::filesystem::path& folder) {
    return load_library(read_package(folder, ::geteuid()), fixtures.pins(), fixtures.rules()).failure.value().line();
  };
  CHECK(refusal("plugins/good") == "plugin good: verify: plugins/good is not an absolute path");
  const std::filesystem::path climbing = fixtures.dir() / ".." / "plugins" / "good";
  CHECK(refusal(climbing) == "plugin good: verify: " + climbing.string() + " holds \"..\"; write the path without it");
}

TEST_CASE("a package without its library is refused") {
  FixturePackages fixtures({"good"});
  std::filesystem::remove(fixtures.library("good"));
  CHECK(fixtures.refusal("good") ==
        "plugin good: verify: " + fixtures.library("good").string() + " cannot be opened: No such file or directory");
}

TEST_CASE("two folders with one id are refused, both of them") {
  FixturePackages fixtures({"good"});
  fixtures.add("good", "good-copy");
  const std::vector<Package> packages = fixtures.packages();
  REQUIRE(packages.size() == 2);
  for (const Package& package : packages) {
    const LoadResult result = load_library(package, fixtures.pins(), fixtures.rules());
    REQUIRE(result.failure);
    CHECK(result.failure->line() == "plugin good: manifest: duplicate id: both " + fixtures.folder("good").string() + " and " +
                                        fixtures.folder("good-copy").string() + " say that they are \"good\"");
  }
}

TEST_CASE("a plugin stays usable after its file was replaced, and the new file is loaded as itself") {
  FixturePackages fixtures({"good", "throws-in-constructor"});
  const LoadResult first = fixtures.load("good");
  REQUIRE_FALSE(first.failure);
  // Another library under the same name: a stale descriptor number or path must not bring the first one back.
  std::filesystem::remove(fixtures.library("good"));
  std::filesystem::copy(fixtures.library("throws-in-constructor"), fixtures.library("good"));
  fixtures.pin("good");
  const LoadResult second = fixtures.load("good");
  REQUIRE_FALSE(second.failure);
  testing::FakeHost host;
  CHECK(first.make(host) != nullptr);
  CHECK(second.make(host) == nullptr);
}

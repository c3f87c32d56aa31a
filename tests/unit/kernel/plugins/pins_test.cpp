#include "kernel/plugins/pins.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/unit/kernel/scratch_folder.hpp"

using namespace driftstack::kernel;
using driftstack::kernel::test::ScratchFolder;

namespace {

const std::string kHash(64, 'a');
const std::string kOther(64, 'b');

std::string refusal(const ScratchFolder& folder) {
  const auto pins = read_pins(folder.path(), ::geteuid());
  REQUIRE_FALSE(pins);
  return pins.error().detail;
}

}  // namespace

TEST_CASE("pins are read from plugins.lock, and without the file there are none") {
  ScratchFolder folder;
  CHECK(read_pins(folder.path(), ::geteuid())->empty());
  const auto file = folder.write("plugins.lock", "[sha256]\n\"a-b\" = \"" + std::string(64, 'A') + "\"\nc = \"" + kOther + "\"\n");
  const auto pins = read_pins(folder.path(), ::geteuid());
  REQUIRE(pins);
  CHECK(pins->at("a-b").sha256 == kHash);
  CHECK(pins->at("a-b").place == file.string());
  CHECK(pins->at("c").sha256 == kOther);
}

TEST_CASE("a broken pins file is refused with the reason") {
  ScratchFolder folder;
  const std::string file = (folder.path() / "plugins.lock").string();
  folder.write("plugins.lock", "[sha256]\na = \"abc\"\n");
  CHECK(refusal(folder) == file + ":2:5: sha256.a: not a SHA-256; write 64 hex digits");
  folder.write("plugins.lock", "a = \"" + kHash + "\"\n");
  CHECK(refusal(folder) == file + ": holds one table, [sha256], with one \"name\" = \"hex\" a line");
  folder.write("plugins.lock", "[sha256\n");
  CHECK(refusal(folder).starts_with(file + ":1:8: not valid TOML: "));
}

TEST_CASE("a pins file that others could change is refused") {
  ScratchFolder folder;
  const auto file = folder.write("plugins.lock", "[sha256]\n", 0666);
  CHECK(refusal(folder) == file.string() + " can be written by everyone; run: chmod o-w");
  std::filesystem::remove(file);
  std::filesystem::create_symlink(folder.write("real", "[sha256]\n"), file);
  CHECK(refusal(folder) == file.string() + " is a link; name the place that it leads to");
}

TEST_CASE("a pin is written beside the others and replaces its own") {
  ScratchFolder folder;
  REQUIRE(write_pin(folder.path(), "b", kHash, ::geteuid()));
  REQUIRE(write_pin(folder.path(), "a", kHash, ::geteuid()));
  REQUIRE(write_pin(folder.path(), "b", kOther, ::geteuid()));
  const auto pins = read_pins(folder.path(), ::geteuid());
  REQUIRE(pins);
  CHECK(pins->size() == 2);
  CHECK(pins->at("a").sha256 == kHash);
  CHECK(pins->at("b").sha256 == kOther);
  struct stat status {};
  REQUIRE(::stat((folder.path() / "plugins.lock").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0644);
}

TEST_CASE("a pin in the configuration wins over the file") {
  CheckedSettings table;
  table.set("sha256", SettingValue{std::string(64, 'B'), Origin{"d.toml", 3, 10}});
  CheckedSettings plugins;
  plugins.set("a", table);
  plugins.set("b", CheckedSettings());
  CheckedSettings settings;
  settings.set("plugins", plugins);
  const Pins pins = with_configured_pins({{"a", {kHash, "plugins.lock"}}, {"b", {kHash, "plugins.lock"}}}, settings);
  CHECK(pins.at("a").sha256 == kOther);
  CHECK(pins.at("a").place == "d.toml:3:10");
  CHECK(pins.at("b").sha256 == kHash);
}

#include <catch2/catch.hpp>
#include <fstream>
#include <stdexcept>

#include "driftstack/testing/fake_host.hpp"
#include "driftstack/testing/manifest_defaults.hpp"

namespace driftstack::testing {
namespace {

using namespace std::chrono_literals;

MapSettings read(const char* text) {
  const TemporaryDirectory folder;
  const auto path = folder.path() + "/plugin.toml";
  std::ofstream(path) << text;
  return manifest_defaults(path);
}

TEST_CASE("defaults of a manifest come with their types and units") {
  const auto settings = read(R"(
    id = "x"
    [settings.wait]
    type = "duration"
    default = "2m"
    [settings.cache]
    type = "bytes"
    default = "64MiB"
    [settings.share]
    type = "number"
    default = 1
    [settings.hosts]
    type = "list of string"
    default = ["a", "b"]
    [settings.token]
    type = "string"
    secret = true
    [settings.tiers]
    type = "table"
    [settings.tiers.settings]
    free = { type = "integer", default = 60 }
  )");
  CHECK(settings.duration("wait") == 2min);
  CHECK(settings.bytes("cache") == 64 * 1024 * 1024);
  CHECK(settings.number("share") == 1.0);
  CHECK(settings.list("hosts") == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(settings.has("token"));
  CHECK(settings.table("tiers")->integer("free") == 60);
}

TEST_CASE("a manifest without settings has no defaults, and one that does not parse says where") {
  CHECK_FALSE(read("id = \"x\"").has("id"));
  CHECK_THROWS_AS(read("id ="), std::runtime_error);
  CHECK_THROWS_AS(read("[settings.wait]\ntype = \"duration\"\ndefault = \"2 fortnights\""), std::runtime_error);
}

}  // namespace
}  // namespace driftstack::testing

#include "kernel/config/check.hpp"

#include <catch2/catch.hpp>

#include "kernel/config/document.hpp"
#include "kernel/config/schema_reader.hpp"

using namespace driftstack::kernel;
using namespace std::chrono_literals;

namespace {

constexpr const char* kSettings = R"toml(
[on]
type = "boolean"
doc = "A switch."
default = false
[count]
type = "integer"
doc = "A count."
default = 4
minimum = 1
maximum = 64
[ratio]
type = "number"
doc = "A ratio."
default = 0.5
minimum = 0
maximum = 1.5
[max_wait]
type = "duration"
doc = "A wait."
default = "30s"
minimum = "1s"
maximum = "1h"
[size]
type = "bytes"
doc = "A size."
default = "1MiB"
maximum = "64MiB"
[name]
type = "string"
doc = "A name."
minimum = 2
maximum = 5
[level]
type = "enum"
choices = ["debug", "info", "warning"]
doc = "A level."
default = "info"
[address]
type = "host:port"
doc = "An address."
[home]
type = "url"
doc = "A home."
[folder]
type = "path"
doc = "A folder."
[range]
type = "address range"
doc = "A range."
[hosts]
type = "list of host:port"
doc = "Hosts."
default = []
maximum = 2
[token]
type = "string"
secret = true
doc = "A token."
[must]
type = "table"
doc = "A table."
[must.settings.have]
type = "integer"
required = true
doc = "You need it."
[tier]
type = "map of table"
doc = "Tiers."
[tier.settings.limit]
type = "integer"
doc = "A limit."
default = 7
)toml";

Schema test_schema() {
  const auto text = parse_toml(kSettings, "schema");
  REQUIRE(text.ok());
  auto schema = read_schema(*text.value, "");
  for (const Finding& finding : schema.findings) UNSCOPED_INFO(finding.line());
  REQUIRE(schema.ok());
  return *schema.value;
}

CheckResult check_text(const std::string& text) {
  const auto parsed = parse_toml(text, "config/driftstack.toml");
  REQUIRE(parsed.ok());
  return check(*parsed.value, test_schema());
}

}  // namespace

TEST_CASE("each wrong value is one line with its place, its key and the way out") {
  struct Row {
    std::string text, line;
  };
  const Row rows[] = {
      {"on = 1", "1:6: on: 1 is not a boolean; write true or false"},
      {"on = \"true\"", "1:6: on: \"true\" is not a boolean; write true or false"},
      {"count = \"four\"", "1:9: count: \"four\" is not an integer; write a whole number without quotes, for example 8"},
      {"count = 2.5", "1:9: count: 2.5 is not an integer; write a whole number without quotes, for example 8"},
      {"count = 0", "1:9: count: 0 is below the minimum 1; write a value from 1 to 64"},
      {"count = 65", "1:9: count: 65 is above the maximum 64; write a value from 1 to 64"},
      {"ratio = \"half\"", "1:9: ratio: \"half\" is not a number; write a number without quotes, for example 0.5"},
      {"ratio = nan", "1:9: ratio: nan is not a number; write a number without quotes, for example 0.5"},
      {"ratio = 2", "1:9: ratio: 2 is above the maximum 1.5; write a value from 0 to 1.5"},
      {"max_wait = \"5 parsecs\"",
       "1:12: max_wait: \"5 parsecs\" is not a duration; write a number with ms, s, m, h or d, for example \"5m\""},
      {"max_wait = 300", "1:12: max_wait: 300 is not a duration; write a number with ms, s, m, h or d, for example \"5m\""},
      {"max_wait = \"2h\"", "1:12: max_wait: \"2h\" is above the maximum \"1h\"; write a value from \"1s\" to \"1h\""},
      {"max_wait = \"10ms\"", "1:12: max_wait: \"10ms\" is below the minimum \"1s\"; write a value from \"1s\" to \"1h\""},
      {"size = \"64MB\"", "1:8: size: \"64MB\" is not a size; write a number with B, KiB, MiB, GiB or TiB, for example \"64MiB\""},
      {"size = \"1GiB\"", "1:8: size: \"1GiB\" is above the maximum \"64MiB\"; write \"64MiB\" or less"},
      {"name = 5", "1:8: name: 5 is not a string; write text in quotes"},
      {"name = \"x\"", "1:8: name: the length 1 is below the minimum 2; write a value from 2 to 5"},
      {"level = \"warn\"", "1:9: level: \"warn\" is not one of \"debug\", \"info\", \"warning\""},
      {"level = \"warnin\"", "1:9: level: \"warnin\" is not one of \"debug\", \"info\", \"warning\"; did you mean \"warning\"?"},
      {"level = 1", "1:9: level: 1 is not a string; write one of the allowed words in quotes"},
      {"address = \"8080\"", "1:11: address: \"8080\" is not host:port; write for example \"127.0.0.1:8080\" or \"[::1]:8080\""},
      {"home = \"example.org\"", "1:8: home: \"example.org\" is not a URL; write for example \"https://example.org\""},
      {"home = \"https://u:hunter2@ x\"", "1:8: home: \"https://u:***@ x\" is not a URL; write for example \"https://example.org\""},
      {"folder = \"\"", "1:10: folder: \"\" is not a path; write a path in quotes, for example \"/var/lib/driftstack\""},
      {"range = \"10.0.0.1/8\"",
       "1:9: range: \"10.0.0.1/8\" is not an address range; write for example \"10.0.0.0/8\" or \"fd00::/8\", with zero bits behind the "
       "prefix"},
      {"hosts = \"a:1\"", "1:9: hosts: \"a:1\" is not a list; write values in brackets, for example [\"a\", \"b\"]"},
      {"hosts = [\"a:1\",\n  \"b\"]", "2:3: hosts: \"b\" is not host:port; write for example \"127.0.0.1:8080\" or \"[::1]:8080\""},
      {"hosts = [\"a:1\", \"a:2\", \"a:3\"]", "1:9: hosts: the length 3 is above the maximum 2; write 2 or less"},
      {"token = \"hunter2\"",
       "1:9: token: a secret never stands in the configuration itself; write { env = \"NAME\" }, { file = \"path\" } or { credential = "
       "\"name\" }"},
      {"lvel = \"info\"", "1:1: lvel: unknown key; did you mean \"level\"?"},
      {"tier = 5", "1:8: tier: an integer stands where a table belongs; write its keys under [tier]"},
      {"[tier]\nfree = 5", "2:8: tier.free: an integer stands where a table belongs; write its keys under [tier.free]"},
      {"[tier.free]\nlimt = 5", "2:1: tier.free.limt: unknown key; did you mean \"limit\"?"},
      {"name = \"a\\nb\\u0007cdefg\"", "1:8: name: the length 9 is above the maximum 5; write a value from 2 to 5"},
      {"level = \"a\\nb\\u0007\"", "1:9: level: \"a\\nb\\u0007\" is not one of \"debug\", \"info\", \"warning\""},
  };
  for (const Row& row : rows) {
    const CheckResult result = check_text(row.text + "\n[must]\nhave = 1\n");
    CAPTURE(row.text);
    REQUIRE(result.findings.size() == 1);
    CHECK(result.findings.front().line() == "config/driftstack.toml:" + row.line);
  }
}

TEST_CASE("a missing key is reported where its table begins") {
  REQUIRE(check_text("on = true\n[must]\n").findings.size() == 1);
  CHECK(check_text("on = true\n[must]\n").findings.front().line() ==
        "config/driftstack.toml:2:1: must.have: missing; this integer is required: You need it.");
  CHECK(check_text("on = true\n").findings.front().line() ==
        "config/driftstack.toml:1:1: must.have: missing; this integer is required: You need it.");
}

TEST_CASE("all findings come at once, in the order of their places") {
  const CheckResult result = check_text("level = \"x\"\ncount = 0\nzzz = 1\n[must]\nhave = \"y\"\n");
  REQUIRE(result.findings.size() == 4);
  CHECK(result.findings[0].origin.line == 1);
  CHECK(result.findings[1].origin.line == 2);
  CHECK(result.findings[2].origin.line == 3);
  CHECK(result.findings[3].origin.line == 5);
}

TEST_CASE("checked settings have their types, and defaults where nothing is written") {
  const CheckResult result = check_text(
      "count = 8\nratio = 1\nmax_wait = \"5m\"\nname = \"abc\"\nfolder = \"data\"\nhosts = [\"a:1\"]\ntoken = { env = \"T\" "
      "}\n[must]\nhave = 1\n"
      "[tier.free]\n[tier.paid]\nlimit = 9\n");
  REQUIRE(result.ok());
  const CheckedSettings& settings = result.settings;
  CHECK(settings.integer("count") == 8);
  CHECK(settings.origin("count").text() == "config/driftstack.toml:1:9");
  CHECK(settings.number("ratio") == 1.0);
  CHECK(settings.duration("max_wait") == 5min);
  CHECK(settings.bytes("size") == std::uint64_t{1} << 20);
  CHECK(settings.origin("size").text() == "default");
  CHECK(settings.string("level") == "info");
  CHECK_FALSE(settings.boolean("on"));
  CHECK(settings.list("hosts") == std::vector<std::string>{"a:1"});
  CHECK(settings.secret("token").name == "T");
  CHECK(settings.table("must").integer("have") == 1);
  CHECK(settings.table("tier").table("free").integer("limit") == 7);
  CHECK(settings.table("tier").table("paid").integer("limit") == 9);
  CHECK_FALSE(settings.has("address"));
}

TEST_CASE("a relative path starts at the folder of the file that names it") {
  const CheckResult result = check_text("folder = \"../data\"\n[must]\nhave = 1\n");
  REQUIRE(result.ok());
  CHECK(result.settings.string("folder") == "data");
}

TEST_CASE("reading a setting in a way that was not described is a bug") {
  const CheckResult result = check_text("[must]\nhave = 1\n");
  CHECK_THROWS_AS(result.settings.string("count"), std::logic_error);
  CHECK_THROWS_AS(result.settings.integer("nothing"), std::logic_error);
  CHECK_THROWS_AS(result.settings.table("count"), std::logic_error);
}

#include "kernel/config/show.hpp"

#include <catch2/catch.hpp>

#include "kernel/config/check.hpp"
#include "kernel/config/json_schema.hpp"
#include "kernel/config/schema_reader.hpp"
#include "kernel/config/server_schema.hpp"

using namespace driftstack::kernel;

namespace {

Schema read(const std::string& text) {
  const auto parsed = parse_toml(text, "schema");
  REQUIRE(parsed.ok());
  auto schema = read_schema(*parsed.value, "");
  REQUIRE(schema.ok());
  return *schema.value;
}

const std::string kSettings = R"(
[level]
type = "enum"
choices = ["info", "warn"]
doc = "A \"level\"."
default = "info"
applies = "reload"
[pause]
type = "duration"
doc = "A pause."
minimum = "1s"
[tier]
type = "map of table"
doc = "Tiers."
[tier.settings.limit]
type = "integer"
doc = "A limit."
default = 7
maximum = 9
[token]
type = "string"
secret = true
doc = "A token."
[url]
type = "url"
doc = "A place."
required = true
)";

Document document(const std::string& text, std::vector<std::string> overrides = {}) {
  Document out;
  out.root = *parse_toml(text, "d.toml").value;
  for (const std::string& text_override : overrides)
    out.root.entries.merge(load_document({std::nullopt, {text_override}}).value->root.entries);
  return out;
}

}  // namespace

TEST_CASE("config show prints every value and default with its origin, and masks secrets") {
  const Document shown = document("token = { env = \"T\" }\nurl = \"postgres://u:hunter2@h/d\"\n[tier.a-b]\n", {"pause=\"5m\""});
  CHECK(show_text(shown_settings(shown, read(kSettings)), ShowOrigin::yes) ==
        "level = \"info\"  # default\n"
        "pause = \"5m\"  # --set\n"
        "tier.a-b.limit = 7  # default\n"
        "token = { env = \"T\" }  # d.toml:1:9\n"
        "url = \"postgres://u:***@h/d\"  # d.toml:2:7\n");
}

TEST_CASE("a list of secrets holds references, and what stands in clear in it is masked and refused") {
  const Schema schema = read("[old_keys]\ntype = \"list of string\"\nsecret = true\ndoc = \"Keys.\"\nmaximum = 2\n");
  const auto shown = [&](const std::string& text) {
    Document document;
    document.root = *parse_toml(text, "t.toml").value;
    return shown_settings(document, schema).front().toml;
  };
  const std::string good = "old_keys = [{ env = \"A\" }, { file = \"/b\" }]\n", clear = "old_keys = [{ env = \"A\" }, \"hunter2\"]\n";
  CHECK(shown(good).find("/b") != std::string::npos);
  CHECK(shown(clear).find("hunter2") == std::string::npos);
  const auto read_keys = [&](const std::string& text) { return check(*parse_toml(text, "t.toml").value, schema, ""); };
  REQUIRE(read_keys(good).findings.empty());
  CHECK(read_keys(good).settings.secrets("old_keys").at(1).name == "/b");
  CHECK(secret_references(read_keys(good).settings).size() == 2);
  CHECK(read_keys(clear).findings.size() == 1);
  CHECK(read_keys("old_keys = [{ env = \"A\" }, { env = \"B\" }, { env = \"C\" }]\n").findings.size() == 1);
}

TEST_CASE("a secret that stands in clear is masked") {
  const auto settings = shown_settings(document("token = \"hunter2\"\n"), read(kSettings));
  CHECK(show_text(settings, ShowOrigin::no) == "level = \"info\"\ntoken = \"***\"\n");
  CHECK(show_json(settings) ==
        "[{\"key\":\"level\",\"value\":\"info\",\"origin\":\"default\"},\n "
        "{\"key\":\"token\",\"value\":\"***\",\"origin\":\"d.toml:1:9\"}]\n");
}

TEST_CASE("what config show prints is a configuration that reads back the same") {
  const Document shown = document("url = \"https://h\"\n[tier.\"odd name\"]\nlimit = 3\n");
  const std::string text = show_text(shown_settings(shown, read(kSettings)), ShowOrigin::yes);
  const auto again = parse_toml(text, "d.toml");
  REQUIRE(again.ok());
  CHECK(again.value->find("tier")->find("odd name")->find("limit")->integer == 3);
}

TEST_CASE("the JSON Schema says types, bounds, choices, defaults, required keys and that nothing else may stand there") {
  CHECK(
      json_schema(read(kSettings)) ==
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Driftstack configuration",)"
      R"("type":"object","additionalProperties":false,"properties":{)"
      R"("level":{"description":"A \"level\". Applies on reload.","type":"string","enum":["info","warn"],"default":"info"},)"
      R"("pause":{"description":"A pause. At least \"1s\". Applies at start.","type":"string","pattern":"^[0-9]+(ms|s|m|h|d)$"},)"
      R"("tier":{"description":"Tiers.","type":"object","additionalProperties":{"type":"object","additionalProperties":false,"properties":{)"
      R"("limit":{"description":"A limit. Applies at start.","type":"integer","maximum":9,"default":7}}}},)"
      R"("token":{"description":"A token. Applies at start.","type":"object","minProperties":1,"maxProperties":1,"additionalProperties":false,)"
      R"("properties":{"env":{"type":"string","minLength":1},"file":{"type":"string","minLength":1},"credential":{"type":"string","minLength":1}}},)"
      R"("url":{"description":"A place. Applies at start.","type":"string","pattern":"^[A-Za-z][A-Za-z0-9+.-]*://[^\\s]+$"}},)"
      R"("required":["url"]})"
      "\n");
}

TEST_CASE("the whole configuration has a JSON Schema that names the server, roles and plugins") {
  const std::string schema = json_schema(whole_schema({{"database", "database-sqlite", "Data."}}, {{"sessions", "Sessions.", {}, true}}));
  for (const char* part : {"\"listen\":{", "\"database\":{", "\"sessions\":{", "\"sha256\":{", "\"required\":[\"schema\"]"}) {
    CAPTURE(part);
    CHECK(schema.find(part) != std::string::npos);
  }
}

#include "kernel/config/schema_reader.hpp"

#include <catch2/catch.hpp>

#include "kernel/config/document.hpp"

using namespace driftstack::kernel;

namespace {

std::vector<std::string> lines(const std::string& text) {
  const auto parsed = parse_toml(text, "plugin.toml");
  REQUIRE(parsed.ok());
  std::vector<std::string> out;
  for (const Finding& finding : read_schema(*parsed.value, "settings").findings) out.push_back(finding.line());
  return out;
}

}  // namespace

TEST_CASE("each mistake in a description of settings is one line") {
  struct Row {
    std::string text, line;
  };
  const std::string types =
      R"("boolean", "integer", "number", "duration", "bytes", "string", "enum", "host:port", "url", "path", "address range", "table", "map of table", )"
      R"("list of string", "list of enum", "list of host:port", "list of url", "list of path", "list of address range")";
  const Row rows[] = {
      {"[a]\ndoc = \"x\"", "1:1: settings.a.type: missing; write one of " + types},
      {"[a]\ntype = \"int\"\ndoc = \"x\"", "2:8: settings.a.type: \"int\" is no type of settings; write one of " + types},
      {"[a]\ntype = \"list of integer\"\ndoc = \"x\"",
       "2:8: settings.a.type: \"list of integer\" is no type of settings; write one of " + types},
      {"[a]\ntype = \"integer\"", "1:1: settings.a.doc: missing; say in a sentence what the setting does"},
      {"[a]\ntype = \"integer\"\ndoc = \"\"", "3:7: settings.a.doc: write a sentence in quotes"},
      {"[a]\ntype = \"integer\"\ndoc = \"x\"\ndefalt = 1", "4:1: settings.a.defalt: unknown key; did you mean \"default\"?"},
      {"[a]\ntype = \"integer\"\ndoc = \"x\"\nrequired = 1", "4:12: settings.a.required: write true or false"},
      {"[a]\ntype = \"integer\"\ndoc = \"x\"\napplies = \"now\"", "4:11: settings.a.applies: write \"start\" or \"reload\""},
      {"[a]\ntype = \"integer\"\ndoc = \"x\"\nminimum = \"1s\"", "4:11: settings.a.minimum: \"1s\" is no bound for the type integer"},
      {"[a]\ntype = \"boolean\"\ndoc = \"x\"\nmaximum = 1", "4:11: settings.a.maximum: 1 is no bound for the type boolean"},
      {"[a]\ntype = \"integer\"\ndoc = \"x\"\nmaximum = 3\ndefault = 4",
       "5:11: settings.a.default: 4 is above the maximum 3; write 3 or less"},
      {"[a]\ntype = \"string\"\ndoc = \"x\"\nsecret = true\ndefault = \"p\"", "5:11: settings.a.default: a secret has no default"},
      {"[a]\ntype = \"string\"\ndoc = \"x\"\nrequired = true\ndefault = \"p\"",
       "5:11: settings.a.default: a required setting has no default"},
      {"[a]\ntype = \"enum\"\ndoc = \"x\"", "1:1: settings.a.choices: missing; an enum lists its words, for example [\"a\", \"b\"]"},
      {"[a]\ntype = \"enum\"\ndoc = \"x\"\nchoices = []", "4:11: settings.a.choices: an enum has at least one word"},
      {"[a]\ntype = \"string\"\ndoc = \"x\"\nchoices = [\"a\"]", "4:11: settings.a.choices: only an enum has choices"},
      {"[a]\ntype = \"table\"\ndoc = \"x\"", "1:1: settings.a.settings: missing; a table describes its keys under [settings.a.settings]"},
      {"[a]\ntype = \"integer\"\ndoc = \"x\"\n[a.settings.b]\ntype = \"integer\"\ndoc = \"y\"",
       "4:1: settings.a.settings: only \"table\" and \"map of table\" have settings of their own"},
      {"a = 1", "1:5: settings.a: describe the setting in a table: [settings.a] with type and doc"},
      {"[Big-Name]\ntype = \"integer\"\ndoc = \"x\"",
       "1:2: settings.Big-Name: the name of a setting is lower-case letters, digits and \"_\", and starts with a letter"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto found = lines(row.text);
    REQUIRE(found.size() == 1);
    CHECK(found.front() == "plugin.toml:" + row.line);
  }
}

TEST_CASE("a right description of every type is read without findings") {
  for (const std::string& type : type_names()) {
    CAPTURE(type);
    std::string text = "[a]\ntype = \"" + type + "\"\ndoc = \"x\"\n";
    if (type.ends_with("enum")) text += "choices = [\"a\"]\n";
    if (type.ends_with("table")) text += "[a.settings.b]\ntype = \"integer\"\ndoc = \"y\"\n";
    const auto parsed = parse_toml(text, "plugin.toml");
    REQUIRE(parsed.ok());
    const auto schema = read_schema(*parsed.value, "settings");
    REQUIRE(schema.ok());
    CHECK(type_name(schema.value->front()) == type);
  }
}

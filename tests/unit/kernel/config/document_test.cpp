#include "kernel/config/document.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/kernel/scratch_folder.hpp"

using namespace driftstack::kernel;
using driftstack::kernel::test::ScratchFolder;

namespace {

const ConfigNode& at(const Document& document, std::initializer_list<std::string_view> path) {
  const ConfigNode* node = &document.root;
  for (const std::string_view name : path) {
    node = node->find(name);
    REQUIRE(node != nullptr);
  }
  return *node;
}

std::string only_line(const Checked<Document>& loaded) {
  REQUIRE_FALSE(loaded.ok());
  REQUIRE(loaded.findings.size() == 1);
  return loaded.findings.front().line();
}

}  // namespace

TEST_CASE("every key knows the file, line and column where it was written") {
  ScratchFolder folder;
  const auto file = folder.write("driftstack.toml", "schema = 1\n[server]\n  listen = \"127.0.0.1:1\"\n");
  const auto loaded = load_document({file, {}});
  REQUIRE(loaded.ok());
  const ConfigNode& listen = at(*loaded.value, {"server", "listen"});
  CHECK(listen.text == "127.0.0.1:1");
  CHECK(listen.origin.text() == file.string() + ":3:12");
  CHECK(listen.key_origin.text() == file.string() + ":3:3");
}

TEST_CASE("conf.d is read after the main file, in the order of its names, and the later file wins") {
  ScratchFolder folder;
  const auto file = folder.write("driftstack.toml", "a = 1\nb = 1\nc = 1\n[t]\nkept = true\n");
  const auto second = folder.write("conf.d/20-second.toml", "c = 3\n[t]\nadded = true\n");
  const auto first = folder.write("conf.d/10-first.toml", "b = 2\nc = 2\n");
  folder.write("conf.d/notes.txt", "not TOML at all");
  folder.write("conf.d/.30-hidden.toml", "a = 9\n");
  const auto loaded = load_document({file, {}});
  REQUIRE(loaded.ok());
  CHECK(at(*loaded.value, {"a"}).integer == 1);
  CHECK(at(*loaded.value, {"b"}).integer == 2);
  CHECK(at(*loaded.value, {"c"}).integer == 3);
  CHECK(at(*loaded.value, {"c"}).origin.text() == second.string() + ":1:5");
  CHECK(at(*loaded.value, {"t", "kept"}).boolean);
  CHECK(at(*loaded.value, {"t", "added"}).boolean);
  CHECK(loaded.value->files == std::vector<std::string>{file.string(), first.string(), second.string()});
}

TEST_CASE("an override is a TOML value under a dotted key, wins over every file and is called --set") {
  ScratchFolder folder;
  const auto file = folder.write("driftstack.toml", "[roles]\ndatabase = \"database-sqlite\"\n");
  const auto loaded = load_document({file,
                                     {R"(roles.database="database-postgres")", R"(plugins.browser-webkit.egress_allow=["127.0.0.1:9100"])",
                                      R"(plugins."odd.name".on = true)"}});
  REQUIRE(loaded.ok());
  CHECK(at(*loaded.value, {"roles", "database"}).text == "database-postgres");
  CHECK(at(*loaded.value, {"roles", "database"}).origin.text() == "--set");
  CHECK(at(*loaded.value, {"plugins", "browser-webkit", "egress_allow"}).items.at(0).text == "127.0.0.1:9100");
  CHECK(at(*loaded.value, {"plugins", "odd.name", "on"}).boolean);
}

TEST_CASE("an inline table replaces what stood there, so that a secret reference keeps one source") {
  ScratchFolder folder;
  const auto file = folder.write("driftstack.toml", "key = { env = \"A\" }\n");
  const auto loaded = load_document({file, {R"(key={ file = "b" })"}});
  REQUIRE(loaded.ok());
  CHECK(at(*loaded.value, {"key"}).to_toml() == R"({ file = "b" })");
}

TEST_CASE("an override under an inline table of a file adds to it") {
  ScratchFolder folder;
  const auto file = folder.write("driftstack.toml", "plugins.a = { enabled = true }\n");
  const auto loaded = load_document({file, {"plugins.a.size=3"}});
  REQUIRE(loaded.ok());
  CHECK(at(*loaded.value, {"plugins", "a", "enabled"}).boolean);
  CHECK(at(*loaded.value, {"plugins", "a", "size"}).integer == 3);
}

TEST_CASE("broken TOML is named with its place") {
  ScratchFolder folder;
  const auto file = folder.write("driftstack.toml", "schema = 1\nlisten = 5 parsecs\n");
  CHECK(only_line(load_document({file, {}})) ==
        file.string() + ":2:12: not valid TOML: Error while parsing key-value pair: expected a comment or whitespace, saw 'p'");
}

TEST_CASE("a finding stays one line, whatever the broken text holds") {
  const auto parsed = parse_toml("a = fal\n", "odd\nname.toml");
  REQUIRE(parsed.findings.size() == 1);
  CHECK(parsed.findings.front().line().find('\n') == std::string::npos);
  CHECK(parsed.findings.front().line().starts_with("odd\\nname.toml:1:"));
}

TEST_CASE("broken files are all named at once") {
  ScratchFolder folder;
  const auto file = folder.write("driftstack.toml", "a = \n");
  folder.write("conf.d/1.toml", "b = \n");
  CHECK(load_document({file, {"c"}}).findings.size() == 3);
}

TEST_CASE("a file that cannot be read is named") {
  ScratchFolder folder;
  const auto missing = folder.path() / "none.toml";
  CHECK(only_line(load_document({missing, {}})) == missing.string() + ": cannot be opened: No such file or directory");
  CHECK(only_line(load_document({folder.path(), {}})) == folder.path().string() + ": is not a regular file");
}

TEST_CASE("a configuration that every user may write is refused, its private twin is read") {
  ScratchFolder folder;
  const auto file = folder.write("driftstack.toml", "a = 1\n", 0666);
  CHECK(only_line(load_document({file, {}})) ==
        file.string() + ": can be written by every user of this machine; run: chmod o-w " + file.string());
  folder.write("driftstack.toml", "a = 1\n", 0644);
  CHECK(load_document({file, {}}).ok());
}

TEST_CASE("a file far larger than a configuration is refused") {
  ScratchFolder folder;
  const auto file = folder.write("driftstack.toml", std::string((1 << 20) + 1, '#'));
  CHECK(only_line(load_document({file, {}})) == file.string() + ": is larger than 1 MiB; a configuration file is far smaller");
}

TEST_CASE("a wrong override is explained and its value never repeated") {
  struct Row {
    std::string text, line;
  };
  const Row rows[] = {
      {"server.listen", R"(--set: "server.listen" is not KEY=VALUE; write for example --set 'server.listen="127.0.0.1:8080"')"},
      {"=1", R"(--set: "" is not KEY=VALUE; write for example --set 'server.listen="127.0.0.1:8080"')"},
      {"[a] b=1", R"(--set: "[a] b" is not KEY=VALUE; write for example --set 'server.listen="127.0.0.1:8080"')"},
      {"a.b=hunter2", R"(--set: the value of "a.b" is not a TOML value; text needs quotes, for example --set 'a.b="text"')"},
      {"a=1\nb=2", R"(--set: "a" spans lines; write one KEY=VALUE on one line)"},
  };
  for (const Row& row : rows) CHECK(only_line(load_document({std::nullopt, {row.text}})) == row.line);
}

TEST_CASE("without a file the overrides are the whole configuration") {
  const auto loaded = load_document({std::nullopt, {"schema=1"}});
  REQUIRE(loaded.ok());
  CHECK(at(*loaded.value, {"schema"}).integer == 1);
  CHECK(loaded.value->files.empty());
}

TEST_CASE("a value prints as the TOML that reads back as itself") {
  const std::string text = R"(v = { a = 1, b = [true, 2.0, "x\"y\n"], "odd key" = 2026-01-02 })";
  const auto parsed = parse_toml(text, "t");
  REQUIRE(parsed.ok());
  const auto again = parse_toml("v = " + parsed.value->find("v")->to_toml(), "t");
  REQUIRE(again.ok());
  CHECK(again.value->to_toml() == parsed.value->to_toml());
  CHECK(parsed.value->find("v")->to_toml() == R"({ a = 1, b = [true, 2.0, "x\"y\n"], "odd key" = 2026-01-02 })");
}

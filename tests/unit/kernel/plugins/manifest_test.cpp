#include "kernel/plugins/manifest.hpp"

#include <catch2/catch.hpp>

using namespace driftstack::kernel;

namespace {

const std::string kStart = "id = \"mail-smtp\"\nversion = \"1.2.3\"\nsdk = \"0.1\"\ndescription = \"Sends mail.\"\n";

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  for (const Finding& finding : parse_manifest(text, "plugin.toml").findings) out.push_back(finding.line());
  return out;
}

}  // namespace

TEST_CASE("a whole manifest is read") {
  const auto manifest = parse_manifest(kStart + R"(
sha256 = "00000000000000000000000000000000000000000000000000000000000000ff"
provides = ["mail.transport/1", "http.routes/2"]
requires = ["database/1"]
optional = ["audit.log/1"]
[processor]
legal_name = "Example Ltd"
purpose = "Delivery"
data_categories = ["addresses"]
regions = ["EU"]
dpa_url = "https://example.org/dpa"
[egress]
hosts = ["smtp.example.org"]
[settings.size]
type = "integer"
doc = "A size."
)",
                                       "plugin.toml");
  for (const Finding& finding : manifest.findings) UNSCOPED_INFO(finding.line());
  REQUIRE(manifest.ok());
  CHECK(manifest.value->id == "mail-smtp");
  CHECK(manifest.value->version == "1.2.3");
  CHECK(manifest.value->sdk_major == 0);
  CHECK(manifest.value->sdk_minor == 1);
  CHECK(manifest.value->provides_interface({"http.routes", 2}));
  CHECK_FALSE(manifest.value->provides_interface({"http.routes", 1}));
  CHECK(manifest.value->required_interfaces.front().text() == "database/1");
  CHECK(manifest.value->optional_interfaces.front().text() == "audit.log/1");
  CHECK(manifest.value->processor->legal_name == "Example Ltd");
  CHECK(manifest.value->egress_hosts == std::vector<std::string>{"smtp.example.org"});
  CHECK(manifest.value->settings.front().name == "size");
}

TEST_CASE("a manifest needs no more than who it is") {
  const auto manifest = parse_manifest(kStart, "plugin.toml");
  REQUIRE(manifest.ok());
  CHECK_FALSE(manifest.value->processor.has_value());
  CHECK(manifest.value->provides.empty());
}

TEST_CASE("each mistake in a manifest is one line with its place") {
  struct Row {
    std::string text, line;
  };
  const Row rows[] = {
      {kStart + "provide = [\"a/1\"]", "5:1: provide: unknown key; did you mean \"provides\"?"},
      {kStart + "provides = [\"database\"]",
       "5:12: provides: \"database\" is not an interface; write name/revision, for example \"database/1\""},
      {kStart + "provides = [\"database/0\"]",
       "5:12: provides: \"database/0\" is not an interface; write name/revision, for example \"database/1\""},
      {kStart + "requires = [\"Data/1\"]",
       "5:12: requires: \"Data/1\" is not an interface; write name/revision, for example \"database/1\""},
      {kStart + "optional = [\"a/1\", \"a/1\"]", "5:12: optional: \"a/1\" stands here twice"},
      {kStart + "sha256 = \"abc\"", "5:10: sha256: not a SHA-256; write 64 hex digits"},
      {kStart + "[processor]\npurpose = \"x\"", "5:1: processor: a processor names its legal_name"},
      {kStart + "[processor]\nlegal_name = \"x\"", "5:1: processor: a processor names its purpose"},
      {kStart + "[settings.enabled]\ntype = \"boolean\"\ndoc = \"x\"",
       "5:11: settings.enabled: the server keeps this name for itself in [plugins.<name>]; choose another"},
      {kStart + "[settings.a]\ntype = \"int\"\ndoc = \"x\"", "6:8: settings.a.type: \"int\" is no type of settings; write one of "},
      {"id = \"Mail\"\nversion = \"1.2.3\"\nsdk = \"0.1\"\ndescription = \"x\"",
       "1:6: id: \"Mail\" is not a plugin's id; write lower-case letters, digits and dashes, for example \"mail-smtp\""},
      {"id = \"../x\"\nversion = \"1.2.3\"\nsdk = \"0.1\"\ndescription = \"x\"",
       "1:6: id: \"../x\" is not a plugin's id; write lower-case letters, digits and dashes, for example \"mail-smtp\""},
      {"id = \"a\"\nversion = \"1.2\"\nsdk = \"0.1\"\ndescription = \"x\"",
       "2:11: version: \"1.2\" is not a version; write major.minor.patch, for example \"1.0.0\""},
      {"id = \"a\"\nversion = \"1.2.3\"\nsdk = \"one\"\ndescription = \"x\"",
       "3:7: sdk: \"one\" is not a version of the SDK; write major.minor, for example \"0.1\""},
      {"id = \"a\"\nversion = \"1.2.3\"\nsdk = \"0.1\"\n",
       "1:1: description: missing; this string is required: What the plugin does, in one sentence."},
      {"id = 5 6", "1:8: not valid TOML: "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto found = lines(row.text);
    REQUIRE(found.size() == 1);
    const std::string expected = "plugin.toml:" + row.line;
    CHECK((expected.ends_with(' ') ? found.front().substr(0, expected.size()) : found.front()) == expected);
  }
}

TEST_CASE("interfaces are dotted lower case and a revision from 1") {
  CHECK(parse_interface("audit.log/12") == InterfaceName{"audit.log", 12});
  for (const char* wrong : {"", "/1", "a/", "a", "a/1/2", "a/-1", "a/65536", "A/1", "a./1", ".a/1", "a b/1", "a/1x"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_interface(wrong));
  }
}

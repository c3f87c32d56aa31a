// Any text as a configuration file, as a manifest, as an override: no crash, and every finding is one line that names a place.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kernel/config/check.hpp"
#include "kernel/config/document.hpp"
#include "kernel/config/server_schema.hpp"
#include "kernel/config/show.hpp"
#include "kernel/plugins/manifest.hpp"
#include "kernel/plugins/roles.hpp"

using namespace driftstack::kernel;

namespace {

void require(bool condition, const char* rule) {
  if (condition) return;
  std::fprintf(stderr, "broken rule: %s\n", rule);
  std::abort();
}

void require_lines(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    require(!finding.message.empty(), "a finding says something");
    require(finding.line().find('\n') == std::string::npos, "a finding is one line");
    require(!finding.origin.source.empty(), "a finding has a place");
  }
}

void fuzz_configuration(std::string_view text) {
  static const Schema kSchema = first_look_schema(role_descriptions(known_roles()));
  Checked<ConfigNode> parsed = parse_toml(text, "fuzz.toml");
  require(parsed.value.has_value() == parsed.findings.empty(), "a value or a finding");
  require_lines(parsed.findings);
  if (!parsed.value) return;
  const CheckResult checked = check(*parsed.value, kSchema);
  require_lines(checked.findings);
  require_lines(check_server_rules(checked.settings));
  Document document;
  document.root = *parsed.value;
  if (!checked.ok()) return;
  const std::string shown = show_text(shown_settings(document, kSchema), ShowOrigin::yes);
  const Checked<ConfigNode> again = parse_toml(shown, "shown.toml");
  require(again.ok(), "what is shown reads back");
  require(check(*again.value, kSchema).ok(), "and is as right as before");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  fuzz_configuration(text);
  require_lines(parse_manifest(text, "plugin.toml").findings);
  require_lines(load_document({std::nullopt, {text}}).findings);
  return 0;
}

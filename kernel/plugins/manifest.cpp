#include "kernel/plugins/manifest.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "kernel/config/check.hpp"
#include "kernel/config/document.hpp"
#include "kernel/config/schema_reader.hpp"
#include "kernel/config/server_schema.hpp"

namespace driftstack::kernel {
namespace {

// The manifest is described in the language that it uses for its own settings.
constexpr std::string_view kManifest = R"toml(
[id]
type = "string"
required = true
doc = "Name of the plugin: lower-case letters, digits and dashes."
[version]
type = "string"
required = true
doc = "Version of the plugin, major.minor.patch."
[sdk]
type = "string"
required = true
doc = "Version of the SDK that it was built with, major.minor."
[description]
type = "string"
required = true
minimum = 1
doc = "What the plugin does, in one sentence."
[sha256]
type = "string"
doc = "SHA-256 of the library, in hex."
[provides]
type = "list of string"
default = []
doc = "Interfaces that others may find, as name/revision."
[requires]
type = "list of string"
default = []
doc = "Interfaces that it cannot work without."
[optional]
type = "list of string"
default = []
doc = "Interfaces that it uses when they are there."
[processor]
type = "table"
doc = "Who outside this machine gets data through the plugin."
[processor.settings.legal_name]
type = "string"
doc = "The company."
[processor.settings.purpose]
type = "string"
doc = "What for."
[processor.settings.data_categories]
type = "list of string"
default = []
doc = "Which data."
[processor.settings.regions]
type = "list of string"
default = []
doc = "Where it is processed."
[processor.settings.dpa_url]
type = "url"
doc = "The data processing agreement."
[egress]
type = "table"
doc = "Where the plugin may connect to."
[egress.settings.hosts]
type = "list of string"
default = []
doc = "Host names."
)toml";

Schema read_manifest_schema() {
  const Checked<ConfigNode> text = parse_toml(kManifest, "manifest");
  Checked<Schema> schema = text.value ? read_schema(*text.value, "") : Checked<Schema>{std::nullopt, text.findings};
  if (!schema.value) throw std::logic_error("the manifest is described wrongly: " + schema.findings.front().line());
  Setting settings;
  settings.name = "settings";
  settings.type = SettingType::table;
  settings.doc = "The plugin's own settings.";
  settings.open = true;
  schema.value->push_back(std::move(settings));
  return std::move(*schema.value);
}

bool is_plugin_id(std::string_view id) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  // 64: a plugin's id becomes the prefix of its table names, and PostgreSQL cuts identifiers at 63 bytes; the rest is refused there.
  return !id.empty() && id.size() < 64 && id.front() >= 'a' && id.front() <= 'z' && id.back() != '-' &&
         std::all_of(id.begin(), id.end(), allowed);
}

/// Reads `count` decimal numbers joined by dots and nothing else.
std::optional<std::vector<std::uint16_t>> parse_version(std::string_view text, std::size_t count) {
  std::vector<std::uint16_t> numbers;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (numbers.size() < count) {
    std::uint16_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return std::nullopt;
    numbers.push_back(number);
    at = next;
    if (numbers.size() < count && (at == end || *at++ != '.')) return std::nullopt;
  }
  if (at != end) return std::nullopt;
  return numbers;
}

class ManifestReader {
 public:
  ManifestReader(const ConfigNode& root, const CheckedSettings& checked, std::vector<Finding>& findings)
      : root_(root), checked_(checked), findings_(findings) {}

  Manifest read();

 private:
  std::string text(std::string_view key) const { return checked_.has(key) ? checked_.string(key) : std::string(); }
  void report(const std::string& key, std::string message) {
    const ConfigNode* node = root_.find(key);
    findings_.push_back({node == nullptr ? root_.origin : node->origin, key, std::move(message)});
  }
  void identity(Manifest& out);
  void interfaces(const std::string& key, std::vector<InterfaceName>& out);
  void processor(Manifest& out);
  void settings(Manifest& out);

  const ConfigNode& root_;
  const CheckedSettings& checked_;
  std::vector<Finding>& findings_;
};

void ManifestReader::identity(Manifest& out) {
  out.id = text("id");
  out.version = text("version");
  out.description = text("description");
  out.sha256 = text("sha256");
  if (!out.id.empty() && !is_plugin_id(out.id)) {
    report("id", in_quotes(out.id) + " is not a plugin's id; write lower-case letters, digits and dashes, for example \"mail-smtp\"");
  }
  if (checked_.has("version") && !parse_version(out.version, 3)) {
    report("version", in_quotes(out.version) + " is not a version; write major.minor.patch, for example \"1.0.0\"");
  }
  if (checked_.has("sha256") && !is_sha256(out.sha256)) report("sha256", "not a SHA-256; write 64 hex digits");
  if (!checked_.has("sdk")) return;
  const auto sdk = parse_version(text("sdk"), 2);
  if (!sdk) return report("sdk", in_quotes(text("sdk")) + " is not a version of the SDK; write major.minor, for example \"0.1\"");
  out.sdk_major = (*sdk)[0];
  out.sdk_minor = (*sdk)[1];
}

void ManifestReader::interfaces(const std::string& key, std::vector<InterfaceName>& out) {
  if (!checked_.has(key)) return;
  for (const std::string& written : checked_.list(key)) {
    const auto interface = parse_interface(written);
    if (!interface) {
      report(key, in_quotes(written) + " is not an interface; write name/revision, for example \"database/1\"");
    } else if (std::find(out.begin(), out.end(), *interface) != out.end()) {
      report(key, in_quotes(written) + " stands here twice");
    } else {
      out.push_back(*interface);
    }
  }
}

void ManifestReader::processor(Manifest& out) {
  if (root_.find("processor") == nullptr) return;
  const CheckedSettings& table = checked_.table("processor");
  Processor processor;
  for (const auto& [key, target] : {std::pair("legal_name", &processor.legal_name), std::pair("purpose", &processor.purpose)}) {
    if (table.has(key)) *target = table.string(key);
    if (target->empty()) report("processor", "a processor names its " + std::string(key));
  }
  if (table.has("dpa_url")) processor.dpa_url = table.string("dpa_url");
  if (table.has("data_categories")) processor.data_categories = table.list("data_categories");
  if (table.has("regions")) processor.regions = table.list("regions");
  out.processor = std::move(processor);
}

void ManifestReader::settings(Manifest& out) {
  const ConfigNode* table = root_.find("settings");
  if (table == nullptr || table->kind != ConfigNode::Kind::table) return;
  Checked<Schema> schema = read_schema(*table, "settings");
  findings_.insert(findings_.end(), schema.findings.begin(), schema.findings.end());
  for (const std::string& reserved : reserved_plugin_keys()) {
    const ConfigNode* node = table->find(reserved);
    if (node == nullptr) continue;
    findings_.push_back(
        {node->key_origin, join_key("settings", reserved), "the server keeps this name for itself in [plugins.<name>]; choose another"});
  }
  if (schema.value) out.settings = std::move(*schema.value);
}

Manifest ManifestReader::read() {
  Manifest out;
  identity(out);
  interfaces("provides", out.provides);
  interfaces("requires", out.required_interfaces);
  interfaces("optional", out.optional_interfaces);
  processor(out);
  if (checked_.has("egress") && checked_.table("egress").has("hosts")) out.egress_hosts = checked_.table("egress").list("hosts");
  settings(out);
  return out;
}

}  // namespace

std::optional<InterfaceName> parse_interface(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view name = text.substr(0, slash);
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_'; };
  if (name.empty() || name.front() < 'a' || name.front() > 'z' || name.back() == '.' || !std::all_of(name.begin(), name.end(), allowed)) {
    return std::nullopt;
  }
  const auto revision = parse_version(text.substr(slash + 1), 1);
  if (!revision || revision->front() == 0) return std::nullopt;
  return InterfaceName{std::string(name), revision->front()};
}

bool Manifest::provides_interface(const InterfaceName& wanted) const {
  return std::find(provides.begin(), provides.end(), wanted) != provides.end();
}

Checked<Manifest> parse_manifest(std::string_view text, const std::string& name) {
  const Checked<ConfigNode> parsed = parse_toml(text, name);
  if (!parsed.value) return {std::nullopt, parsed.findings};
  CheckResult checked = check(*parsed.value, manifest_schema());
  std::vector<Finding> findings = std::move(checked.findings);
  Manifest manifest = ManifestReader(*parsed.value, checked.settings, findings).read();
  sort_by_place(findings);
  if (!findings.empty()) return {std::nullopt, std::move(findings)};
  return {std::move(manifest), {}};
}

const Schema& manifest_schema() {
  static const Schema kSchema = read_manifest_schema();
  return kSchema;
}

bool is_sha256(std::string_view text) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return text.size() == 64 && std::all_of(text.begin(), text.end(), hex);
}

}  // namespace driftstack::kernel

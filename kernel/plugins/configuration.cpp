#include "kernel/plugins/configuration.hpp"

#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "kernel/config/check.hpp"
#include "kernel/config/server_schema.hpp"
#include "kernel/plugins/roles.hpp"

namespace driftstack::kernel {
namespace {

void append(std::vector<Finding>& to, std::vector<Finding> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

std::map<std::string, std::filesystem::path> named_folders(const CheckedSettings& settings) {
  std::map<std::string, std::filesystem::path> named;
  for (const auto& [name, table] : settings.table("plugins").tables()) {
    if (table.has("package")) named.emplace(name, table.string("package"));
  }
  return named;
}

std::vector<PluginDescription> plugin_descriptions(const std::vector<Package>& packages, const std::set<std::string>& wanted) {
  std::vector<PluginDescription> out;
  for (const Package& package : packages) {
    const bool seen = !out.empty() && out.back().name == package.name;  // a duplicate id; its failure is reported when it is wanted
    if (seen || !package.manifest) continue;
    out.push_back({package.name, package.manifest->description, package.manifest->settings, wanted.contains(package.name)});
  }
  return out;
}

/// A package without a readable manifest keeps its table: its settings cannot be judged, and its failure says why.
void allow_unreadable(Schema& schema, const std::vector<Package>& packages) {
  const Schema any = first_look_schema({});
  for (Setting& table : schema) {
    if (table.name != "plugins") continue;
    for (const Package& package : packages) {
      if (package.manifest) continue;
      Setting open = *find_setting(any, "plugins");
      open.name = package.name;
      open.type = SettingType::table;
      table.children.push_back(std::move(open));
    }
  }
}

std::vector<Finding> missing_secrets(const ServerConfiguration& configuration, const SecretSources& sources) {
  std::vector<Finding> findings;
  for (const auto& [name, table] : configuration.settings.tables()) {
    if (name != "plugins") append(findings, find_missing_secrets(table, sources));
  }
  for (const std::string& plugin : configuration.selection.order) {
    const auto& tables = configuration.settings.table("plugins").tables();
    const auto table = tables.find(plugin);
    if (table != tables.end()) append(findings, find_missing_secrets(table->second, sources));
  }
  return findings;
}

void read_pins_into(ServerConfiguration& configuration, uid_t user, std::vector<Finding>& findings) {
  auto pins = read_pins(configuration.plugins_dir, user);
  if (!pins) {
    findings.push_back({configuration.settings.has("plugins_dir") ? configuration.settings.origin("plugins_dir") : Origin{}, "plugins_dir",
                        pins.error().detail});
    return;
  }
  configuration.pins = with_configured_pins(std::move(*pins), configuration.settings);
}

}  // namespace

ConfigurationResult read_configuration(const ConfigurationInput& input) {
  ConfigurationResult result;
  ServerConfiguration& configuration = result.configuration;
  const std::vector<Role> roles = known_roles();
  Checked<Document> document = load_document(input.sources);
  result.findings = std::move(document.findings);
  if (document.value) configuration.document = std::move(*document.value);

  // Plugins describe their own settings, and the configuration says where plugins are: so it is looked at twice.
  const CheckedSettings first = check(configuration.document.root, first_look_schema(role_descriptions(roles))).settings;
  configuration.plugins_dir = first.has("plugins_dir") ? std::filesystem::path(first.string("plugins_dir")) : input.default_plugins_dir;
  configuration.packages = find_packages(configuration.plugins_dir, named_folders(first), input.secrets.user);
  const std::set<std::string> wanted = wanted_plugins(configuration.packages, first, roles);
  configuration.schema = whole_schema(role_descriptions(roles), plugin_descriptions(configuration.packages, wanted));
  allow_unreadable(configuration.schema, configuration.packages);
  if (!result.findings.empty()) return result;  // half a document would only bring findings that follow from the first

  CheckResult checked = check(configuration.document.root, configuration.schema);
  configuration.settings = std::move(checked.settings);
  append(result.findings, std::move(checked.findings));
  append(result.findings, check_server_rules(configuration.settings));
  Checked<Selection> selection = select_plugins(configuration.packages, configuration.settings, roles);
  append(result.findings, std::move(selection.findings));
  if (selection.value) configuration.selection = std::move(*selection.value);
  read_pins_into(configuration, input.secrets.user, result.findings);
  append(result.findings, missing_secrets(configuration, input.secrets));
  sort_by_place(result.findings);
  return result;
}

}  // namespace driftstack::kernel

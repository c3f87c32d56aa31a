#include "kernel/plugins/selection.hpp"

#include <algorithm>
#include <utility>

#include "kernel/config/suggestion.hpp"
#include "kernel/plugins/start_order.hpp"

namespace driftstack::kernel {
namespace {

const Package* find_package(const std::vector<Package>& packages, const std::string& name) {
  const auto found = std::find_if(packages.begin(), packages.end(), [&name](const Package& package) { return package.name == name; });
  return found == packages.end() ? nullptr : &*found;
}

const CheckedSettings* plugin_table(const CheckedSettings& settings, const std::string& name) {
  const auto& tables = settings.table("plugins").tables();
  const auto found = tables.find(name);
  return found == tables.end() ? nullptr : &found->second;
}

enum class Switch { unsaid, on, off };

Switch switch_of(const CheckedSettings& settings, const std::string& name) {
  const CheckedSettings* table = plugin_table(settings, name);
  if (table == nullptr || !table->has("enabled")) return Switch::unsaid;
  return table->boolean("enabled") ? Switch::on : Switch::off;
}

std::string listed(const std::vector<std::string>& names) {
  return names.empty() ? "no installed plugin does" : quoted_list(names) + (names.size() == 1 ? " does" : " do");
}

class Selector {
 public:
  Selector(const std::vector<Package>& packages, const CheckedSettings& settings, const std::vector<Role>& roles)
      : packages_(packages), settings_(settings), roles_(roles), wanted_(wanted_plugins(packages, settings, roles)) {}

  Checked<Selection> select();

 private:
  void report(Origin origin, std::string key, std::string message) {
    findings_.push_back({std::move(origin), std::move(key), std::move(message)});
  }
  const Manifest* manifest(const std::string& name) const;
  std::vector<std::string> installed_providers(const InterfaceName& interface) const;
  /// Where the operator asked for this plugin.
  Finding at_wish(const std::string& plugin, std::string message) const;
  void check_role(const Role& role);
  void collect_providers();
  void check_requirement(const std::string& plugin, const InterfaceName& interface);
  std::vector<std::string> order();

  const std::vector<Package>& packages_;
  const CheckedSettings& settings_;
  const std::vector<Role>& roles_;
  std::set<std::string> wanted_;
  Selection selection_;
  std::vector<Finding> findings_;
};

const Manifest* Selector::manifest(const std::string& name) const {
  const Package* package = find_package(packages_, name);
  return package == nullptr || !package->manifest ? nullptr : &*package->manifest;
}

std::vector<std::string> Selector::installed_providers(const InterfaceName& interface) const {
  std::vector<std::string> names;
  for (const Package& package : packages_) {
    if (package.manifest && package.manifest->provides_interface(interface)) names.push_back(package.name);
  }
  return names;
}

Finding Selector::at_wish(const std::string& plugin, std::string message) const {
  if (switch_of(settings_, plugin) == Switch::on) {
    return {plugin_table(settings_, plugin)->origin("enabled"), join_key("plugins", plugin) + ".enabled", std::move(message)};
  }
  for (const Role& role : roles_) {
    if (settings_.table("roles").string(role.key) == plugin)
      return {settings_.table("roles").origin(role.key), "roles." + role.key, std::move(message)};
  }
  return {Origin{}, join_key("plugins", plugin), std::move(message)};
}

void Selector::check_role(const Role& role) {
  const CheckedSettings& roles = settings_.table("roles");
  const std::string& chosen = roles.string(role.key);
  const Origin& origin = roles.origin(role.key);
  const bool written = !origin.source.empty();
  const std::string key = "roles." + role.key;
  if (chosen.empty() || (!written && !wanted_.contains(chosen))) return;
  if (find_package(packages_, chosen) == nullptr) {
    std::vector<std::string> names;
    for (const Package& package : packages_) names.push_back(package.name);
    return report(origin, key, in_quotes(chosen) + ": " + unknown_name_message("plugin", chosen, names));
  }
  if (switch_of(settings_, chosen) == Switch::off) {
    return report(plugin_table(settings_, chosen)->origin("enabled"), join_key("plugins", chosen) + ".enabled",
                  in_quotes(chosen) + " fills " + key + " but is switched off; name another plugin there, or remove this line");
  }
  const Manifest* chosen_manifest = manifest(chosen);
  if (chosen_manifest != nullptr && !chosen_manifest->provides_interface(role.interface)) {
    report(origin, key,
           in_quotes(chosen) + " does not provide " + role.interface.text() + "; " + listed(installed_providers(role.interface)));
  }
}

/// The plugin that a role names comes first, so that a second provider is the one that gets reported.
void Selector::collect_providers() {
  const auto role_of = [this](const InterfaceName& interface) -> const Role* {
    const auto found =
        std::find_if(roles_.begin(), roles_.end(), [&interface](const Role& role) { return role.interface.name == interface.name; });
    return found == roles_.end() ? nullptr : &*found;
  };
  for (const Role& role : roles_) {
    const std::string& chosen = settings_.table("roles").string(role.key);
    const Manifest* chosen_manifest = manifest(chosen);
    if (wanted_.contains(chosen) && chosen_manifest != nullptr && chosen_manifest->provides_interface(role.interface)) {
      selection_.providers.emplace(role.interface.text(), chosen);
    }
  }
  for (const std::string& plugin : wanted_) {
    if (manifest(plugin) == nullptr) continue;
    for (const InterfaceName& interface : manifest(plugin)->provides) {
      if (has_many_providers(interface.name)) continue;
      const auto [entry, added] = selection_.providers.emplace(interface.text(), plugin);
      if (added || entry->second == plugin) continue;
      const Role* role = role_of(interface);
      const std::string what = role == nullptr ? "interface " + interface.text() : "the role roles." + role->key;
      findings_.push_back(at_wish(
          plugin, "two plugins for " + what + ": " + in_quotes(entry->second) + " and " + in_quotes(plugin) + "; enable one of them"));
    }
  }
}

void Selector::check_requirement(const std::string& plugin, const InterfaceName& interface) {
  if (has_many_providers(interface.name) || selection_.providers.contains(interface.text())) return;
  const auto role = std::find_if(roles_.begin(), roles_.end(), [&interface](const Role& known) { return known.interface == interface; });
  const std::vector<std::string> candidates = installed_providers(interface);
  if (role != roles_.end()) {
    const Origin& origin = settings_.table("roles").origin(role->key);
    const std::string key = "roles." + role->key;
    // One mistake, one line: an empty or misspelt role is told once, not once for each plugin that needs it.
    if (std::any_of(findings_.begin(), findings_.end(), [&key](const Finding& told) { return told.key == key; })) return;
    return report(origin, key,
                  "no plugin fills this role, and " + in_quotes(plugin) + " requires " + interface.text() + "; " + listed(candidates));
  }
  std::string message = in_quotes(plugin) + " requires " + interface.text() + ", which no enabled plugin provides; " + listed(candidates);
  if (!candidates.empty()) message += ": write enabled = true under [" + join_key("plugins", candidates.front()) + "]";
  findings_.push_back(at_wish(plugin, std::move(message)));
}

std::vector<std::string> Selector::order() {
  StartOrder order;
  const auto provider = [this](const InterfaceName& interface) -> const std::string* {
    const auto found = selection_.providers.find(interface.text());
    return found == selection_.providers.end() ? nullptr : &found->second;
  };
  for (const std::string& plugin : wanted_) {
    order.add(plugin);
    if (manifest(plugin) == nullptr) continue;
    for (const InterfaceName& interface : manifest(plugin)->required_interfaces) {
      if (const std::string* name = provider(interface)) order.require(plugin, *name);
    }
  }
  for (const std::string& plugin : wanted_) {
    if (manifest(plugin) == nullptr) continue;
    for (const InterfaceName& interface : manifest(plugin)->optional_interfaces) {
      if (const std::string* name = provider(interface)) order.prefer(plugin, *name);
    }
  }
  StartOrder::Outcome outcome = order.sorted();
  if (outcome.circle.empty()) return std::move(outcome.order);
  std::string circle;
  for (const std::string& name : outcome.circle) circle += (circle.empty() ? "" : " -> ") + name;
  findings_.push_back(at_wish(outcome.circle.front(), "plugins require each other in a circle: " + circle));
  return {};
}

Checked<Selection> Selector::select() {
  for (const Role& role : roles_) check_role(role);
  collect_providers();
  // A plugin whose manifest cannot be read may be the provider that seems to be missing; its own failure is the one to report.
  const bool all_known = std::all_of(wanted_.begin(), wanted_.end(), [this](const std::string& name) { return manifest(name) != nullptr; });
  for (const std::string& plugin : wanted_) {
    if (!all_known) break;
    for (const InterfaceName& interface : manifest(plugin)->required_interfaces) check_requirement(plugin, interface);
  }
  selection_.order = order();
  sort_by_place(findings_);
  if (!findings_.empty()) return {std::nullopt, std::move(findings_)};
  return {std::move(selection_), {}};
}

}  // namespace

std::set<std::string> wanted_plugins(const std::vector<Package>& packages, const CheckedSettings& settings,
                                     const std::vector<Role>& roles) {
  std::set<std::string> names;
  for (const Package& package : packages) {
    if (switch_of(settings, package.name) == Switch::on) names.insert(package.name);
  }
  for (const Role& role : roles) {
    const std::string& chosen = settings.table("roles").string(role.key);
    if (find_package(packages, chosen) != nullptr && switch_of(settings, chosen) != Switch::off) names.insert(chosen);
  }
  return names;
}

Checked<Selection> select_plugins(const std::vector<Package>& packages, const CheckedSettings& settings, const std::vector<Role>& roles) {
  return Selector(packages, settings, roles).select();
}

}  // namespace driftstack::kernel

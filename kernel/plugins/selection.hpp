#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernel/config/finding.hpp"
#include "kernel/config/settings.hpp"
#include "kernel/plugins/package.hpp"
#include "kernel/plugins/roles.hpp"

namespace driftstack::kernel {

/// Which plugins run, in which order, and who provides what.
struct Selection {
  /// Names of the wanted plugins; each stands behind those that it requires.
  std::vector<std::string> order;
  /// Interface text ("database/1") to the plugin that provides it; interfaces with many providers are not in it.
  std::map<std::string, std::string> providers;
};

/// The names that `[plugins.<name>] enabled = true` or `[roles]` asks for. A role's default counts only when it is installed and not
/// switched off.
std::set<std::string> wanted_plugins(const std::vector<Package>& packages, const CheckedSettings& settings, const std::vector<Role>& roles);

/// Chooses and orders. Findings: a role that names no installed plugin or one that cannot fill it, a role's plugin that is switched off,
/// two plugins for one role or interface, an interface that is required and that nobody provides, plugins that require each other in a
/// circle.
Checked<Selection> select_plugins(const std::vector<Package>& packages, const CheckedSettings& settings, const std::vector<Role>& roles);

}  // namespace driftstack::kernel

#pragma once

#include <string>
#include <vector>

#include "kernel/config/finding.hpp"
#include "kernel/config/schema.hpp"
#include "kernel/config/settings.hpp"

namespace driftstack::kernel {

/// One key under `[roles]`.
struct RoleDescription {
  /// "database".
  std::string name;
  /// The plugin that fills the role when the operator says nothing; empty when the role may stay empty.
  std::string default_plugin;
  std::string doc;
};

/// What `[plugins.<name>]` may hold for one installed plugin.
struct PluginDescription {
  std::string name;
  std::string doc;
  /// From the plugin's manifest.
  Schema settings;
  /// An inactive plugin's settings are checked too, but none of them is missed.
  bool active = true;
};

/// The description of the whole configuration: the server's own keys, `[roles]`, and `[plugins.<name>]` of every installed plugin.
Schema whole_schema(const std::vector<RoleDescription>& roles, const std::vector<PluginDescription>& plugins);

/// The same before the installed plugins are known: any table under `[plugins]` passes, with the keys that every plugin has.
Schema first_look_schema(const std::vector<RoleDescription>& roles);

/// Keys of `[plugins.<name>]` that belong to the server; a manifest may not describe a setting of such a name.
std::vector<std::string> reserved_plugin_keys();

/// Rules that span keys: a bind that others can reach needs TLS or a named trusted proxy, no range trusts everyone, certificate and key
/// come together, origins and public_url are plain origins.
std::vector<Finding> check_server_rules(const CheckedSettings& settings);

}  // namespace driftstack::kernel

#pragma once

#include <string>
#include <vector>

#include "kernel/config/server_schema.hpp"
#include "kernel/plugins/manifest.hpp"

namespace driftstack::kernel {

/// A place that exactly one plugin fills, chosen under `[roles]`.
struct Role {
  /// "rate_limiter".
  std::string key;
  InterfaceName interface;
  /// Fills the role when the operator names none and this one is installed.
  std::string default_plugin;
  std::string doc;
};

/// The roles that this server knows.
std::vector<Role> known_roles();

std::vector<RoleDescription> role_descriptions(const std::vector<Role>& roles);

/// True for interfaces that any number of plugins may provide: routes and checks. Every other interface has one provider.
bool has_many_providers(const std::string& interface_name);

}  // namespace driftstack::kernel

#include "kernel/cli/tool_core.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "kernel/plugins/roles.hpp"

namespace driftstack::kernel {
namespace {

std::string text_of(InterfaceId interface) { return std::string(interface.name) + "/" + std::to_string(interface.revision); }

/// The plugins of the selection that provide an interface: one, or any number where many may.
std::vector<std::string> providers_of(const ServerConfiguration& configuration, const std::string& interface) {
  const auto& selection = configuration.selection;
  if (const auto one = selection.providers.find(interface); one != selection.providers.end()) return {one->second};
  std::vector<std::string> many;
  for (const auto& package : configuration.packages) {
    const bool selected = std::find(selection.order.begin(), selection.order.end(), package.name) != selection.order.end();
    if (!selected || !package.manifest) continue;
    const auto& provided = package.manifest->provides;
    const auto fits = [&](const InterfaceName& one) { return has_many_providers(one.name) && one.text() == interface; };
    if (std::any_of(provided.begin(), provided.end(), fits)) many.push_back(package.name);
  }
  return many;
}

/// Leaves only the providers of `interface` and, transitively, the providers of what they require.
bool narrow(ServerConfiguration& configuration, const std::string& interface) {
  auto& selection = configuration.selection;
  std::set<std::string> kept;
  std::vector<std::string> wanted = {interface};
  while (!wanted.empty()) {
    const auto text = wanted.back();
    wanted.pop_back();
    const auto providers = providers_of(configuration, text);
    if (providers.empty()) return false;
    for (const auto& provider : providers) {
      if (!kept.insert(provider).second) continue;
      for (const auto& package : configuration.packages) {
        if (package.name != provider || !package.manifest) continue;
        for (const auto& needed : package.manifest->required_interfaces) wanted.push_back(needed.text());
      }
    }
  }
  std::erase_if(selection.order, [&](const std::string& name) { return !kept.contains(name); });
  std::erase_if(selection.providers, [&](const auto& entry) { return !kept.contains(entry.second); });
  return true;
}

}  // namespace

bool ToolCore::provides(const ServerConfiguration& configuration, InterfaceId interface) {
  return !providers_of(configuration, text_of(interface)).empty();
}

std::unique_ptr<ToolCore> ToolCore::start(const ConfigurationOptions& options, InterfaceId interface, ExitCode& exit_code) {
  exit_code = ExitCode::invalid_config;
  auto configuration = read_configuration_or_report(options);
  if (!configuration) return nullptr;
  const auto text = text_of(interface);
  if (!narrow(*configuration, text)) {
    std::cerr << "driftstack: no plugin of this configuration provides " << text << "; see driftstack plugin list\n";
    return nullptr;
  }
  std::unique_ptr<ToolCore> tool(new ToolCore(*std::move(configuration)));
  exit_code = ExitCode::failed;
  auto core = Core::make(tool->configuration_, tool->secrets_, CorePurpose::tool, STDERR_FILENO);
  if (!core) {
    std::cerr << "driftstack: " << core.error().detail << '\n';
    return nullptr;
  }
  tool->core_ = *std::move(core);
  tool->core_->log().set_level(LogLevel::warn);
  for (const auto& failure : tool->core_->start_plugins()) {
    std::cerr << "driftstack: " << failure.line() << '\n';
    exit_code = failure.step == PluginStep::start ? ExitCode::unreachable : ExitCode::refused;
  }
  if (!tool->core_->lifecycle().ready()) return nullptr;
  return tool;
}

}  // namespace driftstack::kernel

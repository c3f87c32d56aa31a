#include "kernel/cli/tool_core.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <set>

namespace driftstack::kernel {
namespace {

/// Leaves only the provider of `interface` and, transitively, the providers of what it requires.
bool narrow(ServerConfiguration& configuration, const std::string& interface) {
  auto& selection = configuration.selection;
  std::set<std::string> kept;
  std::vector<std::string> wanted = {interface};
  while (!wanted.empty()) {
    const auto text = wanted.back();
    wanted.pop_back();
    const auto provider = selection.providers.find(text);
    if (provider == selection.providers.end()) return false;
    if (!kept.insert(provider->second).second) continue;
    for (const auto& package : configuration.packages) {
      if (package.name != provider->second || !package.manifest) continue;
      for (const auto& needed : package.manifest->required_interfaces) wanted.push_back(needed.text());
    }
  }
  std::erase_if(selection.order, [&](const std::string& name) { return !kept.contains(name); });
  std::erase_if(selection.providers, [&](const auto& entry) { return !kept.contains(entry.second); });
  return true;
}

}  // namespace

std::unique_ptr<ToolCore> ToolCore::start(const ConfigurationOptions& options, InterfaceId interface, ExitCode& exit_code) {
  exit_code = ExitCode::invalid_config;
  auto configuration = read_configuration_or_report(options);
  if (!configuration) return nullptr;
  const auto text = std::string(interface.name) + "/" + std::to_string(interface.revision);
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

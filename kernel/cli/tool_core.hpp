#pragma once
// The plugins that one command needs, started beside (or without) a server.

#include <memory>
#include <string>
#include <vector>

#include "driftstack/abi.hpp"
#include "kernel/cli/configuration_options.hpp"
#include "kernel/server/core.hpp"

namespace driftstack::kernel {

/// Keeps configuration, secret sources and core alive together. [main-thread]
class ToolCore {
 public:
  /// Whether a plugin of this configuration provides an interface.
  static bool provides(const ServerConfiguration& configuration, InterfaceId interface);
  /// Starts the plugin, or plugins, that provide `interface` and those that it requires. Prints what is wrong and answers nothing on
  /// failure; `exit_code` says how to end then.
  static std::unique_ptr<ToolCore> start(const ConfigurationOptions& options, InterfaceId interface, ExitCode& exit_code);

  Core& core() noexcept { return *core_; }

 private:
  ToolCore(ServerConfiguration configuration) : configuration_(std::move(configuration)), secrets_(SecretSources::of_this_process()) {}
  ServerConfiguration configuration_;
  SecretSources secrets_;
  std::unique_ptr<Core> core_;
};

}  // namespace driftstack::kernel

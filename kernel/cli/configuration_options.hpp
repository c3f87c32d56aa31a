#pragma once
// The options that every command shares which reads the configuration.

#include <optional>
#include <string>
#include <vector>

#include "kernel/cli/exit_code.hpp"
#include "kernel/plugins/configuration.hpp"

namespace CLI {
class App;
}

namespace driftstack::kernel {

struct ConfigurationOptions {
  std::string file;                    ///< --config
  std::vector<std::string> overrides;  ///< --set, in order
};

void add_configuration_options(CLI::App& command, ConfigurationOptions& options);

/// Reads the configuration: --config, else $DRIFTSTACK_CONFIG, else config/driftstack.toml here, else /etc/driftstack/driftstack.toml. None
/// of them is a finding. Runs no plugin code.
ConfigurationResult read_configuration(const ConfigurationOptions& options);

/// The same, but prints the findings (one a line, to standard error) and answers nothing when there are any.
std::optional<ServerConfiguration> read_configuration_or_report(const ConfigurationOptions& options);

/// The folder of the plugins that were installed with this program.
std::filesystem::path default_plugins_dir();

}  // namespace driftstack::kernel

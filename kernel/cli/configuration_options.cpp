#include "kernel/cli/configuration_options.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

namespace driftstack::kernel {
namespace {

constexpr const char* kLocalConfig = "config/driftstack.toml";
constexpr const char* kSystemConfig = "/etc/driftstack/driftstack.toml";

std::optional<std::filesystem::path> configuration_file(const std::string& given) {
  if (!given.empty()) return given;
  if (const char* named = std::getenv("DRIFTSTACK_CONFIG"); named && *named) return named;
  std::error_code ignored;
  for (const char* candidate : {kLocalConfig, kSystemConfig})
    if (std::filesystem::exists(candidate, ignored)) return candidate;
  return std::nullopt;
}

}  // namespace

void add_configuration_options(CLI::App& command, ConfigurationOptions& options) {
  command
      .add_option("--config", options.file,
                  "Configuration file ($DRIFTSTACK_CONFIG, else config/driftstack.toml, else /etc/driftstack/driftstack.toml)")
      ->type_name("FILE");
  command.add_option("--set", options.overrides, "A setting over the file, as a TOML value: --set 'log.level=\"warn\"' (repeatable)")
      ->type_name("KEY=VALUE")
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

std::filesystem::path default_plugins_dir() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const auto built = program.parent_path() / "plugins";
  if (std::filesystem::exists(built, ignored)) return built;
  return program.parent_path() / "lib" / "driftstack" / "plugins";
}

ConfigurationResult read_configuration(const ConfigurationOptions& options) {
  ConfigurationInput input;
  input.sources.file = configuration_file(options.file);
  if (!input.sources.file) {
    // Going on would only tell that a key of the file is missing.
    ConfigurationResult none;
    none.findings.push_back(Finding{Origin{"driftstack", 0, 0},
                                    {},
                                    std::string("no configuration file: there is neither ") + kLocalConfig + " in this folder nor " +
                                        kSystemConfig + "; name one with --config FILE or in DRIFTSTACK_CONFIG"});
    return none;
  }
  input.sources.overrides = options.overrides;
  input.default_plugins_dir = default_plugins_dir();
  input.secrets = SecretSources::of_this_process();
  return read_configuration(input);
}

std::optional<ServerConfiguration> read_configuration_or_report(const ConfigurationOptions& options) {
  auto result = read_configuration(options);
  if (result.ok()) return std::move(result.configuration);
  for (const auto& finding : result.findings) std::cerr << finding.line() << '\n';
  return std::nullopt;
}

}  // namespace driftstack::kernel

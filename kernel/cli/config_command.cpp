// driftstack config check | show | schema

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "driftstack/support/json.hpp"
#include "kernel/cli/commands.hpp"
#include "kernel/cli/configuration_options.hpp"
#include "kernel/config/json_schema.hpp"
#include "kernel/config/show.hpp"
#include "kernel/server/core.hpp"

namespace driftstack::kernel {
namespace {

struct ConfigOptions {
  ConfigurationOptions configuration;
  bool json = false;
  bool origin = false;
};

void print_findings(const std::vector<std::string>& lines, bool json) {
  if (!json) {
    for (const auto& line : lines) std::cerr << line << '\n';
    return;
  }
  std::string out = "{\"ok\":" + std::string(lines.empty() ? "true" : "false") + ",\"findings\":[";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += ',';
    wire::append_json_string(out, lines[i]);
  }
  std::cout << out << "]}\n";
}

/// The real load path up to and including configure; nothing is started and nothing is written.
ExitCode check_configuration(const ConfigOptions& options) {
  const auto result = read_configuration(options.configuration);
  std::vector<std::string> lines;
  for (const auto& finding : result.findings) lines.push_back(finding.line());
  if (lines.empty()) {
    const auto secrets = SecretSources::of_this_process();
    for (auto& line : Core::check_plugins(result.configuration, secrets)) lines.push_back(std::move(line));
  }
  print_findings(lines, options.json);
  if (!lines.empty()) return ExitCode::invalid_config;
  if (!options.json) std::cout << "The configuration is valid; " << result.configuration.selection.order.size() << " plugins would run.\n";
  return ExitCode::ok;
}

ExitCode show_configuration(const ConfigOptions& options) {
  const auto result = read_configuration(options.configuration);
  for (const auto& finding : result.findings) std::cerr << finding.line() << '\n';
  const auto settings = shown_settings(result.configuration.document, result.configuration.schema);
  std::cout << (options.json ? show_json(settings) + "\n" : show_text(settings, options.origin ? ShowOrigin::yes : ShowOrigin::no));
  return result.ok() ? ExitCode::ok : ExitCode::invalid_config;
}

}  // namespace

void add_config(CLI::App& program, Run& run) {
  auto* config = program.add_subcommand("config", "Check, show and describe the configuration.");
  config->require_subcommand(1);
  auto options = std::make_shared<ConfigOptions>();

  auto* check = config->add_subcommand("check", "Take the real load path without serving: files, settings, secrets, plugins, their order.");
  add_configuration_options(*check, options->configuration);
  check->add_flag("--json", options->json, "Print the findings as JSON");
  check->footer("Example:\n  driftstack config check --config /etc/driftstack/driftstack.toml");
  check->callback([options, &run] { run = [options] { return check_configuration(*options); }; });

  auto* show = config->add_subcommand("show", "Print every setting with its effective value; secrets stay hidden.");
  add_configuration_options(*show, options->configuration);
  show->add_flag("--json", options->json, "Print JSON");
  show->add_flag("--origin", options->origin, "Tell where each value comes from");
  show->footer("Example:\n  driftstack config show --origin | grep server.");
  show->callback([options, &run] { run = [options] { return show_configuration(*options); }; });

  auto* schema = config->add_subcommand("schema", "Print the JSON Schema of the configuration, installed plugins included.");
  add_configuration_options(*schema, options->configuration);
  schema->footer("Example:\n  driftstack config schema > driftstack.schema.json");
  schema->callback([options, &run] {
    run = [options] {
      std::cout << json_schema(read_configuration(options->configuration).configuration.schema) << '\n';
      return ExitCode::ok;
    };
  });
}

}  // namespace driftstack::kernel

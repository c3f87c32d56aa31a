// driftstack plugin list | info | new | pin

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "kernel/cli/commands.hpp"
#include "kernel/cli/configuration_options.hpp"
#include "kernel/cli/plugin_skeleton.hpp"
#include "kernel/config/json_text.hpp"
#include "kernel/plugins/loader.hpp"

namespace driftstack::kernel {
namespace {

struct PluginOptions {
  ConfigurationOptions configuration;
  bool json = false;
  std::string name, folder;
};

bool is_selected(const ServerConfiguration& configuration, const std::string& name) {
  const auto& order = configuration.selection.order;
  return std::find(order.begin(), order.end(), name) != order.end();
}

std::vector<std::string> texts(const std::vector<InterfaceName>& interfaces) {
  std::vector<std::string> list;
  for (const auto& interface : interfaces) list.push_back(interface.text());
  return list;
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const auto& entry : list) text += (text.empty() ? "" : ", ") + entry;
  return text.empty() ? "-" : text;
}

/// Whether the library's hash is the pinned one.
std::string pin_state(const ServerConfiguration& configuration, const Package& package) {
  const auto pin = configuration.pins.find(package.name);
  if (pin == configuration.pins.end()) return "unpinned";
  const auto hash = package_hash(package, geteuid());
  if (!hash) return "unreadable";
  return *hash == pin->second.sha256 ? "pinned" : "changed";
}

ExitCode list_plugins(const PluginOptions& options) {
  const auto result = read_configuration(options.configuration);
  const auto& configuration = result.configuration;
  std::string json = "{\"plugins\":[";
  bool first = true;
  for (const auto& package : configuration.packages) {
    const auto version = package.manifest ? package.manifest->version : "";
    const auto state = package.failure ? package.failure->line() : pin_state(configuration, package);
    const bool runs = is_selected(configuration, package.name);
    if (options.json) {
      if (!std::exchange(first, false)) json += ',';
      json += "{\"name\":" + json_string(package.name) + ",\"version\":" + json_string(version) +
              ",\"selected\":" + (runs ? "true" : "false") + ",\"state\":" + json_string(state) +
              ",\"provides\":" + (package.manifest ? json_strings(texts(package.manifest->provides)) : "[]") +
              ",\"description\":" + json_string(package.manifest ? package.manifest->description : "") + "}";
    } else {
      std::cout << (runs ? "* " : "  ") << package.name << ' ' << version << "  [" << state << "]  "
                << (package.manifest ? package.manifest->description : "") << '\n';
    }
  }
  if (options.json) {
    std::cout << json << "]}\n";
  } else {
    std::cout << "\n* runs with this configuration. Plugins are in " << configuration.plugins_dir.string() << ".\n";
  }
  return ExitCode::ok;
}

const Package* find_package(const ServerConfiguration& configuration, const std::string& name) {
  for (const auto& package : configuration.packages)
    if (package.name == name) return &package;
  std::cerr << "driftstack: there is no plugin \"" << name << "\" in " << configuration.plugins_dir.string()
            << "; see driftstack plugin list\n";
  return nullptr;
}

void print_settings(const Schema& schema, const std::string& parent) {
  for (const auto& setting : schema) {
    const auto key = join_key(parent, setting.name);
    if (setting.type == SettingType::table) {
      print_settings(setting.children, key);
      continue;
    }
    std::cout << "  " << key << "  (" << type_name(setting) << (setting.secret ? ", secret" : "") << (setting.required ? ", required" : "");
    if (setting.default_value) std::cout << ", default " << setting.default_value->to_toml();
    std::cout << ")\n      " << setting.doc << '\n';
  }
}

ExitCode describe_plugin(const PluginOptions& options) {
  const auto result = read_configuration(options.configuration);
  const auto* package = find_package(result.configuration, options.name);
  if (!package) return ExitCode::failed;
  if (!package->manifest) {
    std::cerr << "driftstack: " << package->failure->line() << '\n';
    return ExitCode::refused;
  }
  const Manifest& manifest = *package->manifest;
  if (options.json) {
    std::cout << "{\"name\":" << json_string(manifest.id) << ",\"version\":" << json_string(manifest.version)
              << ",\"description\":" << json_string(manifest.description) << ",\"folder\":" << json_string(package->folder.string())
              << ",\"provides\":" << json_strings(texts(manifest.provides))
              << ",\"requires\":" << json_strings(texts(manifest.required_interfaces))
              << ",\"optional\":" << json_strings(texts(manifest.optional_interfaces))
              << ",\"egress\":" << json_strings(manifest.egress_hosts)
              << ",\"state\":" << json_string(pin_state(result.configuration, *package)) << "}\n";
    return ExitCode::ok;
  }
  std::cout << manifest.id << ' ' << manifest.version << " for SDK " << manifest.sdk_major << '.' << manifest.sdk_minor << "\n"
            << manifest.description << "\n\nFolder    " << package->folder.string() << "\nProvides  " << joined(texts(manifest.provides))
            << "\nRequires  " << joined(texts(manifest.required_interfaces)) << "\nOptional  "
            << joined(texts(manifest.optional_interfaces)) << "\nCalls out " << joined(manifest.egress_hosts) << "\nPin       "
            << pin_state(result.configuration, *package) << '\n';
  if (manifest.processor)
    std::cout << "Processor " << manifest.processor->legal_name << ": " << manifest.processor->purpose
              << " (data: " << joined(manifest.processor->data_categories) << "; regions: " << joined(manifest.processor->regions) << ")\n";
  if (!manifest.settings.empty()) {
    std::cout << "\nSettings under [plugins." << manifest.id << "]\n";
    print_settings(manifest.settings, "");
  }
  return ExitCode::ok;
}

ExitCode pin_plugin(const PluginOptions& options) {
  const auto result = read_configuration(options.configuration);
  const auto* package = find_package(result.configuration, options.name);
  if (!package) return ExitCode::failed;
  auto hash = package_hash(*package, geteuid());
  if (!hash) {
    std::cerr << "driftstack: " << hash.error().detail << '\n';
    return ExitCode::refused;
  }
  if (auto written = write_pin(result.configuration.plugins_dir, package->name, *hash, geteuid()); !written) {
    std::cerr << "driftstack: " << written.error().detail << '\n';
    return ExitCode::failed;
  }
  if (options.json) {
    std::cout << "{\"name\":" << json_string(package->name) << ",\"sha256\":" << json_string(*hash) << "}\n";
  } else {
    std::cout << package->name << " is pinned to " << *hash << " in " << (result.configuration.plugins_dir / kPinsFile).string() << ".\n";
  }
  return ExitCode::ok;
}

ExitCode new_plugin(const PluginOptions& options) {
  auto written = write_plugin_skeleton(options.folder.empty() ? options.name : options.folder, options.name);
  if (!written) {
    std::cerr << "driftstack: " << written.error().detail << '\n';
    return ExitCode::failed;
  }
  for (const auto& file : *written) std::cout << file.string() << '\n';
  std::cerr << "Build it: cmake -S " << (options.folder.empty() ? options.name : options.folder) << " -B build && cmake --build build\n";
  return ExitCode::ok;
}

}  // namespace

void add_plugin(CLI::App& program, Run& run) {
  auto* plugin = program.add_subcommand("plugin", "List, describe, start and pin plugins.");
  plugin->require_subcommand(1);
  auto options = std::make_shared<PluginOptions>();

  auto* list = plugin->add_subcommand("list", "List the installed plugins; nothing of them is run.");
  add_configuration_options(*list, options->configuration);
  list->add_flag("--json", options->json, "Print JSON");
  list->footer("Example:\n  driftstack plugin list --json");
  list->callback([options, &run] { run = [options] { return list_plugins(*options); }; });

  auto* info = plugin->add_subcommand("info", "Describe one plugin: what it provides and needs, what leaves the machine, its settings.");
  add_configuration_options(*info, options->configuration);
  info->add_option("name", options->name, "The plugin's id")->required();
  info->add_flag("--json", options->json, "Print JSON");
  info->footer("Example:\n  driftstack plugin info browser-webkit");
  info->callback([options, &run] { run = [options] { return describe_plugin(*options); }; });

  auto* fresh = plugin->add_subcommand("new", "Write the source of a new plugin with one route.");
  fresh->add_option("name", options->name, "The plugin's id: lower case, digits and dashes")->required();
  fresh->add_option("--folder", options->folder, "Where to write it; default: a folder of its name")->type_name("DIR");
  fresh->footer("Example:\n  driftstack plugin new payment-acme --folder plugins/payment-acme");
  fresh->callback([options, &run] { run = [options] { return new_plugin(*options); }; });

  auto* pin = plugin->add_subcommand("pin", "Trust the library of a plugin as it is now: write its SHA-256 into plugins.lock.");
  add_configuration_options(*pin, options->configuration);
  pin->add_option("name", options->name, "The plugin's id")->required();
  pin->add_flag("--json", options->json, "Print JSON");
  pin->footer("Example:\n  driftstack plugin pin payment-acme");
  pin->callback([options, &run] { run = [options] { return pin_plugin(*options); }; });
}

}  // namespace driftstack::kernel

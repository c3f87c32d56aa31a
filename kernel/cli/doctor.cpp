// driftstack doctor

#include <sys/statvfs.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "driftstack/roles/database.hpp"
#include "driftstack/roles/machine_check.hpp"
#include "kernel/cli/commands.hpp"
#include "kernel/cli/tool_core.hpp"
#include "kernel/config/json_text.hpp"
#include "kernel/server/data_directory.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::chrono::seconds kCheckLimit{30};
constexpr std::uint64_t kLeastFreeBytes = std::uint64_t{512} << 20;  // a day of logs and captures of a small server

struct DoctorOptions {
  ConfigurationOptions configuration;
  bool json = false;
};

struct Observation {
  std::string name, status, detail;
};

using Observations = std::vector<Observation>;

void check_files(const ServerConfiguration& configuration, Observations& findings) {
  const auto folder = prepare_data_directory(configuration.settings.table("server").string("data_dir"));
  if (!folder) {
    findings.push_back({"data directory", "failed", folder.error().detail});
    return;
  }
  findings.push_back({"data directory", "ok", folder->string()});
  struct statvfs space {};
  if (statvfs(folder->c_str(), &space) != 0) return;
  const auto free_bytes = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
  const auto text = std::to_string(free_bytes >> 20) + " MiB free";
  findings.push_back({"disk", free_bytes < kLeastFreeBytes ? "warning" : "ok", text});
}

void check_plugins(const ServerConfiguration& configuration, Observations& findings) {
  const auto lines = Core::check_plugins(configuration, SecretSources::of_this_process());
  for (const auto& line : lines) findings.push_back({"plugins", "failed", line});
  if (lines.empty())
    findings.push_back({"plugins", "ok", std::to_string(configuration.selection.order.size()) + " load and accept their settings"});
}

void check_database(const ConfigurationOptions& options, Observations& findings) {
  ExitCode ignored{};
  const auto tool = ToolCore::start(options, db::Database::kId, ignored);
  if (!tool) {
    findings.push_back({"database", "failed", "it cannot be used; the reason stands above"});
    return;
  }
  auto* database = tool->core().find<db::Database>();
  for (const auto& provider : tool->core().lifecycle().find_all(HealthCheck::kId)) {
    auto* check = static_cast<HealthCheck*>(provider.interface);
    auto healthy = tool->core().run<Done>([check](const Call& call) { return check->check(call); }, kCheckLimit);
    findings.push_back(
        {"database", healthy ? "ok" : "failed", healthy ? std::string(database->engine()) + " answers" : healthy.error().detail});
  }
}

void check_machine(const DoctorOptions& options, const ServerConfiguration& configuration, Observations& findings) {
  if (!ToolCore::provides(configuration, MachineCheck::kId)) return;
  ExitCode ignored{};
  const auto tool = ToolCore::start(options.configuration, MachineCheck::kId, ignored);
  if (!tool) {
    findings.push_back({"machine", "failed", "a plugin that examines it cannot start; the reason stands above"});
    return;
  }
  for (const auto& provider : tool->core().lifecycle().find_all(MachineCheck::kId)) {
    auto* check = static_cast<MachineCheck*>(provider.interface);
    auto fit = tool->core().run<Done>([check](const Call& call) { return check->check(call); }, kCheckLimit);
    findings.push_back({std::string(check->name()), fit ? "ok" : "failed", fit ? "it holds" : fit.error().detail});
  }
}

ExitCode examine(const DoctorOptions& options) {
  Observations findings;
  const auto result = read_configuration(options.configuration);
  for (const auto& finding : result.findings) findings.push_back({"configuration", "failed", finding.line()});
  if (result.ok()) {
    findings.push_back({"configuration", "ok", "valid"});
    check_files(result.configuration, findings);
    check_plugins(result.configuration, findings);
    check_database(options.configuration, findings);
    check_machine(options, result.configuration, findings);
  }
  bool fit = true;
  std::string json = "{\"checks\":[";
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const auto& [name, status, detail] = findings[i];
    fit = fit && status != "failed";
    if (options.json) {
      json += (i > 0 ? ",{\"name\":" : "{\"name\":") + json_string(name) + ",\"status\":" + json_string(status) +
              ",\"detail\":" + json_string(detail) + "}";
    } else {
      std::cout << (status == "ok" ? "ok       " : status == "warning" ? "warning  " : "FAILED   ") << name << ": " << detail << '\n';
    }
  }
  if (options.json) std::cout << json << "],\"fit\":" << (fit ? "true" : "false") << "}\n";
  if (!result.ok()) return ExitCode::invalid_config;
  return fit ? ExitCode::ok : ExitCode::failed;
}

}  // namespace

void add_doctor(CLI::App& program, Run& run) {
  auto* doctor = program.add_subcommand(
      "doctor", "Examine configuration, files, plugins and database, and say what is missing. Works beside a running server.");
  auto options = std::make_shared<DoctorOptions>();
  add_configuration_options(*doctor, options->configuration);
  doctor->add_flag("--json", options->json, "Print JSON");
  doctor->footer("Example:\n  driftstack doctor --config /etc/driftstack/driftstack.toml");
  doctor->callback([options, &run] { run = [options] { return examine(*options); }; });
}

}  // namespace driftstack::kernel

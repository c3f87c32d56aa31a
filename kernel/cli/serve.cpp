// driftstack serve

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>

#include "driftstack/roles/key_administration.hpp"
#include "driftstack/support/public_id.hpp"
#include "kernel/cli/commands.hpp"
#include "kernel/cli/configuration_options.hpp"
#include "kernel/cli/welcome_page.hpp"
#include "kernel/config/json_text.hpp"
#include "kernel/config/value_syntax.hpp"
#include "kernel/server/data_directory.hpp"
#include "kernel/server/server.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::chrono::seconds kBootstrapLimit{60};

struct ServeOptions {
  ConfigurationOptions configuration;
  std::string log_file;
  std::string welcome;
  std::string first_page;
};

/// Secrets must reach neither core files nor other users' debuggers, and files are ours alone.
void harden_process() {
  umask(077);
  prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

/// The signals that the main thread waits for; every thread that starts later inherits the block.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

ExitCode report(const std::vector<PluginFailure>& failures) {
  bool refused = false;
  for (const auto& failure : failures) {
    std::cerr << "driftstack: " << failure.line() << '\n';
    refused = refused || failure.step == PluginStep::verify || failure.step == PluginStep::pin || failure.step == PluginStep::build_facts;
  }
  return refused ? ExitCode::refused : ExitCode::failed;
}

ExitCode report(const Error& error) {
  std::cerr << "driftstack: " << error.detail << '\n';
  return ExitCode::failed;
}

Result<> write_bootstrap_file(const Core& core, const BootstrapKeys& keys, const std::string& base_url) {
  const std::string text = "{\"base_url\":" + json_string(base_url) +
                           ",\"account_id\":" + json_string(PublicId<"acc">(keys.account).to_text()) +
                           ",\"owner_key\":" + json_string(keys.owner_key) + ",\"admin_key\":" + json_string(keys.staff_key) + "}\n";
  return write_private_file(core.data_directory() / "bootstrap.json", text);
}

/// Makes the first account and its keys on an empty store. Nothing when there is an account already.
Result<std::optional<BootstrapKeys>> bootstrap(Core& core) {
  auto* keys = core.find<KeyAdministration>();
  if (!keys) return std::optional<BootstrapKeys>();
  return core.run<std::optional<BootstrapKeys>>([keys](const Call& call) { return keys->bootstrap(call); }, kBootstrapLimit);
}

std::string first_capture_line(const std::string& base_url, const std::string& key, const std::string& page) {
  const std::string authorization = key.empty() ? "-H \"Authorization: Bearer $KEY\"" : "-H 'Authorization: Bearer " + key + "'";
  return "  S=$(curl -s -X POST " + authorization + " " + base_url + "/v1/sessions | sed 's/.*\"id\":\"\\(ses_[^\"]*\\)\".*/\\1/') && " +
         "curl -s -o /dev/null " + authorization + " -H 'Content-Type: application/json' -d '{\"url\":\"" + page + "\"}' " + base_url +
         "/v1/sessions/$S/navigate && curl -s " + authorization + " -H 'Content-Type: application/json' -d '{\"kind\":\"screenshot\"}' " +
         base_url + "/v1/sessions/$S/capture | sed 's/.*\"data\":\"\\([^\"]*\\)\".*/\\1/' | base64 -d > first-capture.png\n";
}

/// What a person needs to know once the server is ready.
void print_ready(std::ostream& out, const Core& core, const std::string& base_url, const std::string& owner_key,
                 const std::string& first_page, const std::string& log_file) {
  out << "\nDriftstack serves at " << base_url << "\n  contract " << base_url << "/docs\n  data     " << core.data_directory().string()
      << '\n';
  if (!log_file.empty()) out << "  log      " << log_file << '\n';
  if (!owner_key.empty()) {
    out << "\nYour key, shown this once and kept in " << (core.data_directory() / "bootstrap.json").string() << ":\n\n  " << owner_key
        << '\n';
  } else {
    out << "\nThe first keys are in " << (core.data_directory() / "bootstrap.json").string() << "; more: driftstack key create --help\n";
  }
  out << "\nA first capture (writes first-capture.png):\n\n"
      << first_capture_line(base_url, owner_key, first_page.empty() ? "https://example.com/" : first_page) << "\nCtrl-C drains and stops.\n"
      << std::flush;
}

void reload(Server& server, Core& core, const ConfigurationOptions& options, std::vector<std::unique_ptr<ServerConfiguration>>& kept) {
  auto result = read_configuration(options);
  if (!result.ok()) {
    for (const auto& finding : result.findings)
      core.log().error("reload refused, the old configuration stays", {LogField("detail", finding.line())});
    return;
  }
  kept.push_back(std::make_unique<ServerConfiguration>(std::move(result.configuration)));
  for (const auto& key : server.reload(*kept.back()))
    core.log().warn("this setting takes effect at the next start", {LogField("key", key)});
  core.log().info("configuration reloaded");
}

int open_log(const std::string& file) {
  if (file.empty()) return STDOUT_FILENO;
  return open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/// Serves until a signal asks for the end.
ExitCode serve_started(Core& core, const ServeOptions& options, const sigset_t& signals) {
  // The keys exist on disk before anybody can be told that the server is ready.
  auto fresh = bootstrap(core);
  if (!fresh) return report(fresh.error());
  std::string base_url = core.public_url();
  if (*fresh)
    if (auto written = write_bootstrap_file(core, **fresh, base_url); !written) return report(written.error());
  Server server(core);
  if (auto started = server.start(); !started) return report(started.error());
  if (base_url.ends_with(":0")) {
    base_url = base_url.substr(0, base_url.size() - 1) + std::to_string(server.port());
    if (*fresh)
      if (auto written = write_bootstrap_file(core, **fresh, base_url); !written) return report(written.error());
  }
  const std::string owner_key = *fresh ? (*fresh)->owner_key : std::string();

  std::unique_ptr<WelcomePage> welcome;
  std::string first_page = options.first_page;
  if (!options.welcome.empty()) {
    const auto address = parse_host_port(options.welcome);
    if (!address) return report(Error(Errc::bad_request, "--welcome needs HOST:PORT"));
    welcome = std::make_unique<WelcomePage>(core, address->host, address->port);
    if (auto started = welcome->start(); !started) return report(started.error());
    first_page = "http://" + options.welcome + "/";
  }
  core.log().info("ready", {LogField("url", base_url), LogField("listen", core.configuration().settings.table("server").string("listen"))});
  print_ready(options.log_file.empty() ? std::cerr : std::cout, core, base_url, owner_key, first_page, options.log_file);

  std::vector<std::unique_ptr<ServerConfiguration>> reloaded;
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) reload(server, core, options.configuration, reloaded);
  core.log().info("stopping", {LogField("signal", std::string_view(signal == SIGINT ? "SIGINT" : "SIGTERM"))});
  server.drain();
  if (welcome) welcome->stop();
  core.stop_plugins();
  core.log().info("stopped");
  return ExitCode::ok;
}

ExitCode serve(const ServeOptions& options) {
  harden_process();
  const auto signals = block_signals();
  const auto configuration = read_configuration_or_report(options.configuration);
  if (!configuration) return ExitCode::invalid_config;
  const auto secrets = SecretSources::of_this_process();
  auto folder = prepare_data_directory(configuration->settings.table("server").string("data_dir"));
  if (!folder) return report(folder.error());
  auto lock = ServerLock::acquire(*folder);
  if (!lock) return report(lock.error());
  const int log_descriptor = open_log(options.log_file);
  if (log_descriptor < 0)
    return report(Error(Errc::internal, "cannot write the log file " + options.log_file + ": " + std::strerror(errno)));

  auto core = Core::make(*configuration, secrets, CorePurpose::serve, log_descriptor);
  if (!core) return report(core.error());
  auto exit_code = ExitCode::ok;
  if (auto failures = (*core)->start_plugins(); !failures.empty()) {
    exit_code = report(failures);
  } else {
    exit_code = serve_started(**core, options, signals);
  }
  (*core)->stop_plugins();
  (*core)->log().flush();
  if ((*core)->lifecycle().has_abandoned()) _exit(static_cast<int>(exit_code == ExitCode::ok ? ExitCode::failed : exit_code));
  return exit_code;
}

}  // namespace

void add_serve(CLI::App& program, Run& run) {
  auto* command = program.add_subcommand(
      "serve", "Serve the API in the foreground. SIGTERM or Ctrl-C drains and ends; SIGHUP reloads the configuration.");
  auto options = std::make_shared<ServeOptions>();
  add_configuration_options(*command, options->configuration);
  command->add_option("--log-file", options->log_file, "Write the log there instead of standard output")->type_name("FILE");
  command->add_option("--welcome", options->welcome, "Also serve a page for a first capture on this address")->type_name("HOST:PORT");
  command->add_option("--first-page", options->first_page, "The page that the printed first capture opens")->type_name("URL");
  command->footer(
      "Examples:\n"
      "  driftstack serve --config /etc/driftstack/driftstack.toml\n"
      "  driftstack serve --set 'roles.database=\"database-postgres\"' --set 'plugins.database-postgres.url=\"postgresql:///driftstack\"'");
  command->callback([options, &run] { run = [options] { return serve(*options); }; });
}

}  // namespace driftstack::kernel

// The program: parses the command line and runs one command.

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "kernel/cli/commands.hpp"
#include "kernel/config/suggestion.hpp"
#include "kernel/plugins/library_environment.hpp"
#include "kernel/server/version.hpp"

namespace {

/// Names the first word that is no command where one is expected; CLI11 would only say that a command is missing.
std::optional<std::string> unknown_command(const CLI::App& program, int count, char** arguments) {
  const CLI::App* group = &program;
  for (int i = 1; i < count && arguments[i][0] != '-'; ++i) {
    const CLI::App* found = nullptr;
    std::vector<std::string> names;
    for (const CLI::App* command : group->get_subcommands({})) {
      names.push_back(command->get_name());
      if (command->get_name() == arguments[i]) found = command;
    }
    if (names.empty()) return std::nullopt;  // a command with operands of its own
    if (!found) return std::string(arguments[i]) + ": " + driftstack::kernel::unknown_name_message("command", arguments[i], names);
    group = found;
  }
  return std::nullopt;
}

}  // namespace

int main(int count, char** arguments) {
  using namespace driftstack::kernel;
  if (const auto restarted = restart_without_library_variables(arguments); !restarted) {
    std::cerr << "driftstack: " << restarted.error().detail << '\n';
    return static_cast<int>(ExitCode::failed);
  }
  CLI::App program{"Driftstack: isolated WebKit browser sessions over a REST API.", "driftstack"};
  program.set_version_flag("--version", "driftstack " + std::string(kVersion));
  program.require_subcommand(1);
  program.footer("Exit codes: 0 ok, 1 failed, 2 usage, 3 invalid configuration, 4 unreachable, 5 refused by policy.");
  Run run;
  add_serve(program, run);
  add_config(program, run);
  add_plugin(program, run);
  add_key(program, run);
  add_audit(program, run);
  add_mail(program, run);
  add_doctor(program, run);
  if (const auto message = unknown_command(program, count, arguments)) {
    std::cerr << "driftstack: " << *message << '\n';
    return static_cast<int>(ExitCode::usage);
  }
  try {
    program.parse(count, arguments);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  try {
    return static_cast<int>(run());
  } catch (const std::exception& error) {
    std::cerr << "driftstack: " << error.what() << '\n';
    return static_cast<int>(ExitCode::failed);
  }
}

// The program: parses the command line and runs one command.

#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "kernel/cli/commands.hpp"
#include "kernel/plugins/library_environment.hpp"
#include "kernel/server/version.hpp"

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
  add_doctor(program, run);
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

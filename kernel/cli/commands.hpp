#pragma once
// The commands of the program. Each adds itself to the command line; `run` holds what to do once the line is parsed.

#include <functional>

#include "kernel/cli/exit_code.hpp"

namespace CLI {
class App;
}

namespace driftstack::kernel {

using Run = std::function<ExitCode()>;

void add_serve(CLI::App& program, Run& run);
void add_config(CLI::App& program, Run& run);
void add_plugin(CLI::App& program, Run& run);
void add_key(CLI::App& program, Run& run);
void add_audit(CLI::App& program, Run& run);
void add_mail(CLI::App& program, Run& run);
void add_doctor(CLI::App& program, Run& run);

}  // namespace driftstack::kernel

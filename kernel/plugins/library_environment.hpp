#pragma once

#include <string>
#include <vector>

#include "driftstack/result.hpp"

namespace driftstack::kernel {

/// The variables by which whoever starts the server could slip other code into it or into its plugins, as far as they are set: LD_PRELOAD,
/// LD_LIBRARY_PATH, LD_AUDIT. The dynamic linker reads them before main(), so unsetting them is not enough.
std::vector<std::string> library_variables_set();

/// Runs this program again, in this process, with the same arguments and without those variables; returns only on failure, and at once when
/// none is set. Call it first in main(). [main-thread]
Result<> restart_without_library_variables(char* const arguments[]);

}  // namespace driftstack::kernel

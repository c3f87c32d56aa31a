#pragma once

namespace driftstack::kernel {

/// How the program ends; part of its contract.
enum class ExitCode : int { ok = 0, failed = 1, usage = 2, invalid_config = 3, unreachable = 4, refused = 5 };

}  // namespace driftstack::kernel

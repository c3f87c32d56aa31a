#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "driftstack/result.hpp"
#include "driftstack/task.hpp"
#include "kernel/plugins/lifecycle.hpp"

namespace driftstack::kernel {

/// Makes a task on an io thread, runs it there, and waits for its end on this thread. Nothing when it has not ended in time: the task then
/// still runs, and what it uses must be left alone for ever. An exception while the task is made becomes an error. [main-thread]
std::optional<Result<>> run_with_timeout(IoRunner& io, std::function<AsyncResult<>()> make, std::chrono::milliseconds timeout);

}  // namespace driftstack::kernel

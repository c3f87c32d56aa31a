#pragma once
// The end of the engine's own processes, which nobody announces. They are children of this one, found by name through /proc. [main-thread]

#include "command.hpp"

namespace driftstack::browser_webkit {

/// Whether the engine runs, and can be seen to run.
bool engine_runs();

/// After the last view is gone: waits until the network process has written what it keeps and ended. Web processes, which keep nothing, are
/// killed: one that runs service workers would stay for another ten seconds, and the network process with it.
Work<> engine_ended(Command& command);

}  // namespace driftstack::browser_webkit

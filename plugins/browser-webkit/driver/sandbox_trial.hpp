#pragma once
// Whether this machine permits what contains a session, found out by doing it. [loop-thread; blocks for some milliseconds]

#include <cstdint>
#include <string>

#include "driver/runtime_directory.hpp"
#include "driver/session_launcher.hpp"

namespace driftstack::browser_webkit {

struct SandboxFacts {
  bool namespaces = false;  ///< a session can have namespaces and a file system of its own
  bool engine = false;      ///< and the engine's own sandbox for pages starts (inside of them, if there are any)
  std::string missing;      ///< a sentence for the operator; empty when nothing is
};

/// Starts the engine's sandbox helper the way a session is started.
SandboxFacts try_sandbox(RuntimeRoot& root, const SessionUser& user);

}  // namespace driftstack::browser_webkit

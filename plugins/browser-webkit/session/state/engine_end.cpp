#include "state/engine_end.hpp"

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace driftstack::browser_webkit {
namespace {

constexpr std::string_view kNetworkProcess = "WebKitNetworkPr";  // as the kernel shortens it
constexpr std::string_view kSandbox = "bwrap";                   // around each web process, which dies with it
constexpr std::chrono::milliseconds kPollInterval{5};

/// Numbers as /proc has them, which need not be those of this process's namespace.
std::vector<std::string> children_named(std::string_view wanted) {
  std::vector<std::string> found;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/task", error), end; !error && at != end; at.increment(error)) {
    std::ifstream children(at->path() / "children");
    for (std::string pid; children >> pid;) {
      std::ifstream file("/proc/" + pid + "/comm");
      std::string name;
      if (std::getline(file, name) && name == wanted) found.push_back(pid);
    }
  }
  return found;
}

/// The numbers of a process in each namespace that it is in, outermost first; none for one that is gone.
std::vector<pid_t> numbers_of(const std::string& pid) {
  std::vector<pid_t> found;
  std::ifstream status("/proc/" + pid + "/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("NSpid:")) continue;
    std::istringstream numbers(line.substr(line.find(':') + 1));
    for (pid_t number = 0; numbers >> number;) found.push_back(number);
  }
  return found;
}

void kill_web_processes() {
  const std::size_t depth = numbers_of("self").size();  // a child may be the first of a namespace below
  for (const std::string& pid : children_named(kSandbox)) {
    const std::vector<pid_t> numbers = numbers_of(pid);
    if (depth > 0 && numbers.size() >= depth) kill(numbers[depth - 1], SIGKILL);
  }
}

}  // namespace

bool engine_runs() { return !children_named(kNetworkProcess).empty(); }

Work<> engine_ended(Command& command) {
  while (engine_runs()) {
    kill_web_processes();
    const bool time_is_left = co_await pause(command, kPollInterval);
    if (!time_is_left) co_return command.gave_up("the engine did not close its stores in time");
  }
  co_return Done();
}

}  // namespace driftstack::browser_webkit

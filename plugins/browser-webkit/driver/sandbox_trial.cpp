#include "driver/sandbox_trial.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace driftstack::browser_webkit {
namespace {

constexpr const char* kHelper = "/usr/bin/bwrap";  // where Debian's engine looks for it
constexpr int kPatience = 5000;                    // milliseconds; it takes about ten
constexpr int kExecFailed = 127;                   // as the launcher ends a child that did not come to its program

struct Trial {
  int status = kExecFailed;  ///< exit code
  std::string words;         ///< why
};

std::string first_line(const Descriptor& errors) {
  std::array<char, 512> text;
  const ssize_t got = read(errors.get(), text.data(), text.size());
  const std::string all(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  return all.substr(0, all.find('\n'));
}

Trial run_helper(RuntimeRoot& root, const SessionUser& user, Containment containment) {
  Trial trial;
  Result<std::string> directory = root.make_session_directory(user);
  if (!directory) return trial.words = directory.error().detail, trial;
  LaunchPlan plan;
  plan.program = kHelper;
  plan.arguments = {"--unshare-all", "--die-with-parent", "--ro-bind", "/usr",   "/usr",  "--symlink", "usr/lib64", "/lib64",
                    "--symlink",     "usr/lib",           "/lib",      "--proc", "/proc", "--dev",     "/dev",      "/usr/bin/true"};
  plan.directory = *directory;
  plan.user = user;
  plan.containment = containment;
  Result<LaunchedSession> launched = launch_session(plan);
  if (launched) {
    pollfd ended{launched->process.get(), POLLIN, 0};
    const bool in_time = poll(&ended, 1, kPatience) == 1;
    kill(launched->pid, SIGKILL);
    int status = 0;
    waitpid(launched->pid, &status, 0);
    trial.words = in_time ? first_line(launched->errors) : "it does not end";
    trial.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  } else {
    trial.words = launched.error().detail;
  }
  remove_directory(*directory);
  return trial;
}

}  // namespace

SandboxFacts try_sandbox(RuntimeRoot& root, const SessionUser& user) {
  SandboxFacts facts;
  const Trial inside = run_helper(root, user, Containment::namespaces);
  facts.namespaces = inside.status != kExecFailed;
  facts.engine = inside.status == 0;
  if (facts.engine) return facts;
  if (facts.namespaces) {
    facts.missing = "the engine's sandbox (bubblewrap) does not start: " + inside.words;
    return facts;
  }
  facts.missing = "sessions cannot have namespaces of their own: " + inside.words;
  const Trial outside = run_helper(root, user, Containment::none);
  facts.engine = outside.status == 0;
  if (!facts.engine) facts.missing += "; the engine's sandbox (bubblewrap) does not start: " + outside.words;
  return facts;
}

}  // namespace driftstack::browser_webkit

#include "driver/session_launcher.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace driftstack::browser_webkit {
namespace {

constexpr int kControlDescriptor = 3;  // as session/main.cpp expects it
constexpr int kFirstSafeDescriptor = 10;
constexpr int kExecFailed = 127;  // the shell's convention
constexpr std::size_t kMostPasswdBytes = 16 * 1024;

Error failed(const std::string& step) { return Error(Errc::unavailable, step + ": " + std::strerror(errno)); }

/// Moves a descriptor out of the range that the child rearranges.
Descriptor lift(int descriptor) {
  if (descriptor < 0) return Descriptor();
  const int lifted = fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstSafeDescriptor);
  close(descriptor);
  return Descriptor(lifted);
}

/// Everything that the child needs, prepared before the fork: after it only system calls are allowed (other threads may hold any lock).
struct ChildPlan {
  int program;
  int control;
  int errors;
  int null;
  SessionUser user;
  const char* directory;
  char* const* arguments;
  char* const* environment;
  bool contained;
};

// A pid namespace needs a /proc of its own: the engine's sandbox looks its children up in /proc by the numbers that it knows, and with the
// server's /proc it meets whichever stranger has that number there, or nobody, and the page's process never starts.
constexpr unsigned long kContained = CLONE_NEWPID | CLONE_NEWNS;

/// In the child, as root: shows it the processes of its own namespace only. What the machine mounts or unmounts later still arrives.
bool mount_own_proc() {
  return mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) == 0 &&
         mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
}

void reset_signals() {
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &plain, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Raw system calls: the C library's versions would try to tell the threads that the child does not have.
bool become(const SessionUser& user) {
  if (!user.switch_user) return true;
  return syscall(SYS_setgroups, 0, nullptr) == 0 && syscall(SYS_setresgid, user.gid, user.gid, user.gid) == 0 &&
         syscall(SYS_setresuid, user.uid, user.uid, user.uid) == 0;
}

[[noreturn]] void run_child(const ChildPlan& plan) {
  reset_signals();
  setsid();
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const bool wired = dup2(plan.null, STDIN_FILENO) >= 0 && dup2(plan.null, STDOUT_FILENO) >= 0 && dup2(plan.errors, STDERR_FILENO) >= 0 &&
                     dup2(plan.control, kControlDescriptor) >= 0;
  const bool closed = syscall(SYS_close_range, kControlDescriptor + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
  if (plan.contained && !mount_own_proc()) _exit(kExecFailed);
  if (!wired || !closed || !become(plan.user) || chdir(plan.directory) != 0) _exit(kExecFailed);
  // After the change of user, which clears it. Killed with the thread that forked.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(kExecFailed);
  prctl(PR_SET_DUMPABLE, 0);
  syscall(SYS_execveat, plan.program, "", plan.arguments, plan.environment, AT_EMPTY_PATH);
  _exit(kExecFailed);
}

/// A fork with extra clone flags; no atfork handlers run, which is what a child that only executes wants.
pid_t fork_with(unsigned long flags) { return static_cast<pid_t>(syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, 0)); }

/// Whether this server may make the namespaces of a session; tried once.
bool can_contain() {
  static const bool can = [] {
    const pid_t child = fork_with(kContained);
    if (child == 0) _exit(mount_own_proc() ? EXIT_SUCCESS : EXIT_FAILURE);
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
  }();
  return can;
}

}  // namespace

void Descriptor::reset() noexcept {
  if (value_ >= 0) close(std::exchange(value_, -1));
}

Result<SessionUser> resolve_session_user(const std::string& name) {
  SessionUser user;
  if (geteuid() != 0) {
    user.uid = geteuid();
    user.gid = getegid();
    return user;
  }
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(kMostPasswdBytes);
  if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return Error(Errc::misuse, "session_user: there is no user \"" + name + "\"");
  }
  if (entry.pw_uid == 0 || entry.pw_gid == 0) return Error(Errc::misuse, "session_user: sessions never run as root");
  user.uid = entry.pw_uid;
  user.gid = entry.pw_gid;
  user.switch_user = true;
  return user;
}

Result<LaunchedSession> launch_session(const LaunchPlan& plan) {
  const Descriptor program = lift(open(plan.program.c_str(), O_PATH | O_CLOEXEC));
  if (!program) return failed("cannot open " + plan.program);
  const Descriptor null = lift(open("/dev/null", O_RDWR | O_CLOEXEC));
  std::array<int, 2> sockets{}, pipes{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) return failed("no socket pair");
  LaunchedSession launched;
  launched.control = lift(sockets[0]);
  const Descriptor child_control = lift(sockets[1]);
  if (pipe2(pipes.data(), O_CLOEXEC) != 0) return failed("no pipe");
  launched.errors = lift(pipes[0]);
  const Descriptor child_errors = lift(pipes[1]);
  const bool ready = null && launched.control && child_control && launched.errors && child_errors &&
                     fcntl(launched.control.get(), F_SETFL, O_NONBLOCK) == 0 && fcntl(launched.errors.get(), F_SETFL, O_NONBLOCK) == 0;
  if (!ready) return failed("no descriptors for a session");

  std::string name = "driftstack-webkit-session", directory = plan.directory, path = "PATH=/usr/bin:/bin";
  std::array<char*, 3> arguments{name.data(), directory.data(), nullptr};
  std::array<char*, 2> environment{path.data(), nullptr};
  launched.contained = can_contain();  // otherwise the tree is found through /proc
  const ChildPlan child{program.get(),          child_control.get(), child_errors.get(), null.get(),        plan.user,
                        plan.directory.c_str(), arguments.data(),    environment.data(), launched.contained};
  launched.pid = fork_with(launched.contained ? kContained : 0);
  if (launched.pid == 0) run_child(child);
  if (launched.pid < 0) return failed("cannot fork");
  launched.process = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, launched.pid, 0)));
  if (!launched.process) {
    const Error error = failed("no process descriptor");
    kill(launched.pid, SIGKILL);
    waitpid(launched.pid, nullptr, 0);
    return error;
  }
  return launched;
}

}  // namespace driftstack::browser_webkit

#include "driver/session_launcher.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "driver/containment.hpp"
#include "driver/file_system_view.hpp"
#include "protocol/frames.hpp"
#include "protocol/messages.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr int kControlDescriptor = 3;  // as session/main.cpp expects it
constexpr int kFirstSafeDescriptor = 10;
constexpr rlim_t kMostTasks = 1024;  // processes and threads; a session with a busy page has about a hundred (measured)
constexpr int kExecFailed = 127;     // the shell's convention
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
  bool limits_tasks;
  int mapped;  ///< readable once the server has mapped the user
  const OwnUserMap* own_map;
  std::string_view egress_message;
  const FileSystemView* view;
};

/// Since Linux 5.14 tasks are counted in each namespace of users for itself; before, all sessions of the user would share the limit.
bool counts_tasks_by_namespace() {
  utsname facts{};
  int major = 0, minor = 0;
  return uname(&facts) == 0 && std::sscanf(facts.release, "%d.%d", &major, &minor) == 2 && (major > 5 || (major == 5 && minor >= 14));
}

/// The words end up in the log of the server.
[[noreturn]] void give_up(std::string_view step, std::string_view detail = "") {
  (void)!write(STDERR_FILENO, step.data(), step.size());
  (void)!write(STDERR_FILENO, detail.data(), detail.size());
  _exit(kExecFailed);
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

/// Who it is in its namespace of users: until that stands it is nobody at all.
bool take_identity(const ChildPlan& plan) {
  if (!plan.contained || plan.user.switch_user) {
    char go = 0;
    const bool mapped = !plan.contained || read(plan.mapped, &go, 1) == 1;
    return mapped && become(plan.user);
  }
  return map_own_user(*plan.own_map);
}

[[noreturn]] void run_child(const ChildPlan& plan) {
  reset_signals();
  setsid();
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const bool wired = dup2(plan.null, STDIN_FILENO) >= 0 && dup2(plan.null, STDOUT_FILENO) >= 0 && dup2(plan.errors, STDERR_FILENO) >= 0 &&
                     dup2(plan.control, kControlDescriptor) >= 0;
  const bool closed = syscall(SYS_close_range, kControlDescriptor + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
  if (!wired || !closed) give_up("the descriptors could not be arranged");
  if (!take_identity(plan)) give_up("the user could not be changed");
  // After the change of user, which clears it. Killed with the thread that forked.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up("no end with the server");
  if (plan.limits_tasks) {
    const rlimit tasks{kMostTasks, kMostTasks};
    setrlimit(RLIMIT_NPROC, &tasks);
  }
  if (plan.contained && !raise_loopback()) give_up("its own network has no loopback");
  if (plan.contained && !give_way_out(kControlDescriptor, plan.egress_message)) give_up("its own network has no way out");
  if (plan.contained) {
    const std::string_view missing = plan.view->enter();
    if (!missing.empty()) give_up("its own file system cannot be made: ", missing);
  }
  if (chdir(plan.directory) != 0) give_up("its directory is not there");
  prctl(PR_SET_DUMPABLE, 0);
  syscall(SYS_execveat, plan.program, "", plan.arguments, plan.environment, AT_EMPTY_PATH);
  give_up("the session program cannot be executed");
}

/// Both ends of everything that is between the server and a session.
struct Wires {
  Descriptor null, control, child_control, errors, child_errors, gate, child_gate;
};

Result<Wires> make_wires() {
  std::array<int, 2> sockets{-1, -1}, errors{-1, -1}, gate{-1, -1};
  const bool made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) == 0 && pipe2(errors.data(), O_CLOEXEC) == 0 &&
                    pipe2(gate.data(), O_CLOEXEC) == 0;
  const Error error = failed("no descriptors for a session");
  Wires wires;
  wires.null = lift(open("/dev/null", O_RDWR | O_CLOEXEC));
  wires.control = lift(sockets[0]);
  wires.child_control = lift(sockets[1]);
  wires.errors = lift(errors[0]);
  wires.child_errors = lift(errors[1]);
  wires.child_gate = lift(gate[0]);
  wires.gate = lift(gate[1]);
  const bool lifted =
      wires.null && wires.control && wires.child_control && wires.errors && wires.child_errors && wires.child_gate && wires.gate;
  if (!made || !lifted) return error;
  const bool never_waits = fcntl(wires.control.get(), F_SETFL, O_NONBLOCK) == 0 && fcntl(wires.errors.get(), F_SETFL, O_NONBLOCK) == 0;
  if (!never_waits) return failed("no descriptors for a session");
  return wires;
}

/// A fork with extra clone flags; no atfork handlers run, which is what a child that only executes wants.
pid_t fork_with(unsigned long flags) { return static_cast<pid_t>(syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, 0)); }

}  // namespace

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

namespace {

Result<> fork_session(Containment containment, ChildPlan& child, LaunchedSession& launched) {
  launched.contained = child.contained = containment == Containment::namespaces;
  child.limits_tasks = launched.contained && counts_tasks_by_namespace();
  if (launched.contained) {
    launched.egress_port = kEgressPort;
  } else {  // its tree is found through /proc, and its way out is on the loopback of the machine
    launched.way_out = Descriptor(listen_on_loopback(0));
    launched.egress_port = port_of(launched.way_out.get());
    if (launched.egress_port == 0) return failed("no way out for a session");
  }
  launched.pid = fork_with(launched.contained ? kNamespaces : 0);
  if (launched.pid == 0) run_child(child);
  if (launched.pid < 0) return failed("the machine does not permit it");
  return Done();
}

/// What is left to do for a child that was forked.
Result<> let_go(const SessionUser& user, const Wires& wires, LaunchedSession& launched) {
  launched.process = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, launched.pid, 0)));
  if (!launched.process) return failed("no process descriptor");
  if (launched.group && !launched.group->add(launched.pid)) launched.group.reset();
  if (!launched.contained || !user.switch_user) return Done();
  if (!map_user_of_child(launched.pid, user.uid, user.gid)) return failed("the user of a session cannot be mapped");
  if (write(wires.gate.get(), "m", 1) != 1) return failed("the session is gone");
  return Done();
}

}  // namespace

Result<LaunchedSession> launch_session(const LaunchPlan& plan) {
  const Descriptor program = lift(open(plan.program.c_str(), O_PATH | O_CLOEXEC));
  if (!program) return failed("cannot open " + plan.program);
  Result<Wires> wires = make_wires();
  if (!wires) return std::move(wires.error());

  std::string path = "PATH=/usr/bin:/bin";
  std::vector<std::string> words{"driftstack-webkit-session"};
  if (plan.arguments.empty()) words.push_back(plan.directory);
  words.insert(words.end(), plan.arguments.begin(), plan.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<char*, 2> environment{path.data(), nullptr};
  const FileSystemView view(plan.directory, plan.disk_limit);
  const OwnUserMap own_map(geteuid(), getegid());
  const std::optional<std::string> egress_message = protocol::encode_frame(wire::to_text(protocol::egress_event()));
  ChildPlan child{};
  child.program = program.get();
  child.control = wires->child_control.get();
  child.errors = wires->child_errors.get();
  child.null = wires->null.get();
  child.user = plan.user;
  child.directory = plan.directory.c_str();
  child.arguments = arguments.data();
  child.environment = environment.data();
  child.mapped = wires->child_gate.get();
  child.own_map = &own_map;
  child.egress_message = *egress_message;
  child.view = &view;

  LaunchedSession launched;
  launched.group = plan.group;
  launched.control = std::move(wires->control);
  launched.errors = std::move(wires->errors);
  Result<> forked = fork_session(plan.containment, child, launched);
  if (!forked) return std::move(forked.error());
  Result<> released = let_go(plan.user, *wires, launched);
  if (!released) {
    kill(launched.pid, SIGKILL);
    waitpid(launched.pid, nullptr, 0);
    return std::move(released.error());
  }
  return launched;
}

}  // namespace driftstack::browser_webkit

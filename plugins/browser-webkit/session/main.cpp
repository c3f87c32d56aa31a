// driftstack-webkit-session DIRECTORY: one browser session. Started by the browser-webkit plugin only, as an unprivileged user, with the
// control socket on descriptor 3 and DIRECTORY private to it. Ends when the socket does.

#include <fcntl.h>
#include <glib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "engine_environment.hpp"
#include "idle_pace.hpp"
#include "session.hpp"

namespace {

constexpr int kControlDescriptor = 3;
constexpr int kUsageError = 2;
constexpr int kRefused = 5;  // refused by policy, as in the server's own exit codes

bool is_socket(int descriptor) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !is_socket(kControlDescriptor)) {
    std::fputs("driftstack-webkit-session is started by the server, not by hand\n", stderr);
    return kUsageError;
  }
  if (geteuid() == 0) {
    // As root the engine's sandbox would keep every capability (measured), so there would be none.
    std::fputs("driftstack-webkit-session refuses to run as root\n", stderr);
    return kRefused;
  }
  fcntl(kControlDescriptor, F_SETFD, FD_CLOEXEC);
  prctl(PR_SET_DUMPABLE, 0);  // exec has reset it: what is typed into pages must not be readable by other sessions of the same user
  const std::string directory = argv[1];
  driftstack::browser_webkit::set_engine_environment(directory);
  driftstack::browser_webkit::keep_graphics_drivers_out();
  g_set_prgname("driftstack-webkit-session");

  const driftstack::browser_webkit::Session session(kControlDescriptor, directory);
  driftstack::browser_webkit::run_main_loop(session, kControlDescriptor);  // left by _exit only: a return would race the compositor
}

#pragma once
// Starts a session process: unprivileged, with nothing of the server's but its end of a socket pair, and dead when the server is.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "driftstack/result.hpp"
#include "driver/cgroups.hpp"
#include "driver/descriptor.hpp"

namespace driftstack::browser_webkit {

/// Who a session runs as.
struct SessionUser {
  uid_t uid = 0;
  gid_t gid = 0;
  bool switch_user = false;  ///< the server is root and must become that user in the child
};

/// The user of that name when the server is root, the server's own user otherwise. Errc::misuse for an unknown user and for root.
Result<SessionUser> resolve_session_user(const std::string& name);

enum class Containment : std::uint8_t {
  namespaces,  ///< its own users, processes, network, mounts and file system
  none,        ///< for machines that do not permit them
};

struct LaunchPlan {
  std::string program;                 ///< absolute path
  std::vector<std::string> arguments;  ///< instead of its directory
  std::string directory;               ///< private runtime directory, owned by the user
  SessionUser user;
  Containment containment = Containment::namespaces;
  std::shared_ptr<const Cgroup> group;                ///< may be null
  std::int64_t disk_limit = std::int64_t{512} << 20;  ///< bytes in its directory, of a contained session
};

struct LaunchedSession {
  pid_t pid = -1;
  Descriptor process;      ///< pidfd: readable when the process ended
  Descriptor control;      ///< non-blocking
  Descriptor errors;       ///< what it writes to stderr, non-blocking
  bool contained = false;  ///< in namespaces of its own: no network but the way out, and the kernel ends the tree with its first process
  std::uint16_t egress_port = 0;  ///< where its way out is, on its loopback
  Descriptor way_out;             ///< listening there; of a contained session it comes over `control` with kEgressEvent
  std::shared_ptr<const Cgroup> group;
};

/// Forks and executes. The child dies with the calling thread (PR_SET_PDEATHSIG): call it on a thread that lives as long as the server.
Result<LaunchedSession> launch_session(const LaunchPlan& plan);

}  // namespace driftstack::browser_webkit

#pragma once
// Starts a session process: unprivileged, with nothing of the server's but its end of a socket pair, and dead when the server is.

#include <sys/types.h>

#include <string>
#include <utility>

#include "driftstack/result.hpp"

namespace driftstack::browser_webkit {

/// Owns one descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) noexcept : value_(value) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const noexcept { return value_; }
  explicit operator bool() const noexcept { return value_ >= 0; }
  void reset() noexcept;

 private:
  int value_ = -1;
};

/// Who a session runs as.
struct SessionUser {
  uid_t uid = 0;
  gid_t gid = 0;
  bool switch_user = false;  ///< the server is root and must become that user in the child
};

/// The user of that name when the server is root, the server's own user otherwise. Errc::misuse for an unknown user and for root.
Result<SessionUser> resolve_session_user(const std::string& name);

struct LaunchPlan {
  std::string program;    ///< absolute path
  std::string directory;  ///< private runtime directory, owned by the user
  SessionUser user;
};

struct LaunchedSession {
  pid_t pid = -1;
  Descriptor process;      ///< pidfd: readable when the process ended
  Descriptor control;      ///< non-blocking
  Descriptor errors;       ///< what it writes to stderr, non-blocking
  bool contained = false;  ///< first process of its own pid namespace: the kernel ends the whole tree with it
};

/// Forks and executes. The child dies with the calling thread (PR_SET_PDEATHSIG): call it on a thread that lives as long as the server.
Result<LaunchedSession> launch_session(const LaunchPlan& plan);

}  // namespace driftstack::browser_webkit

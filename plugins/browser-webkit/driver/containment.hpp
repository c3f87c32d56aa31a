#pragma once
// Namespaces of a session: its own users, processes, network, mounts, semaphores and host name. What runs in the child between fork and
// exec makes system calls only: other threads of the server may have held any lock when it was forked.

#include <sched.h>
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driver/descriptor.hpp"

namespace driftstack::browser_webkit {

/// All or none: a session in some of them is not contained.
inline constexpr unsigned long kNamespaces =
    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

/// Port of the way out in a network namespace, where it is the only one (RFC 1928 section 3).
inline constexpr std::uint16_t kEgressPort = 1080;

/// A listening, non-blocking socket on 127.0.0.1. `port` 0: any free one. [also in the child]
int listen_on_loopback(std::uint16_t port) noexcept;
/// The port that a socket is bound to; 0 when it has none.
std::uint16_t port_of(int socket) noexcept;

/// Lets a child be the one user and group that it is to run as, and no other. For a server that is root. False: errno says why.
bool map_user_of_child(pid_t child, uid_t uid, gid_t gid);

/// What a child needs to map itself, prepared before the fork.
struct OwnUserMap {
  explicit OwnUserMap(uid_t uid, gid_t gid);
  std::string users, groups;
};

// In the child.

/// The same for a server that is an ordinary user: its child may do it for itself.
bool map_own_user(const OwnUserMap& map) noexcept;
bool raise_loopback() noexcept;
/// Listens on the way out and gives the socket away: nobody in the namespace keeps a hold on it. `message` goes with it.
bool give_way_out(int control, std::string_view message) noexcept;

}  // namespace driftstack::browser_webkit

#include "driver/containment.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace driftstack::browser_webkit {
namespace {

constexpr int kBacklog = 128;

/// One line: this id inside is the same id outside.
std::string same_id(unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; }

bool write_file(const char* path, std::string_view text) noexcept {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  return written;
}

}  // namespace

int listen_on_loopback(std::uint16_t port) noexcept {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && listen(listener, kBacklog) == 0) return listener;
  if (listener >= 0) close(listener);
  return -1;
}

std::uint16_t port_of(int socket) noexcept {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  return getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? ntohs(address.sin_port) : std::uint16_t{0};
}

bool map_user_of_child(pid_t child, uid_t uid, gid_t gid) {
  const std::string process = "/proc/" + std::to_string(child);
  return write_file((process + "/gid_map").c_str(), same_id(gid)) && write_file((process + "/uid_map").c_str(), same_id(uid));
}

OwnUserMap::OwnUserMap(uid_t uid, gid_t gid) : users(same_id(uid)), groups(same_id(gid)) {}

bool map_own_user(const OwnUserMap& map) noexcept {
  // The server hides its memory, and with it these files; the child shows itself for these three writes.
  prctl(PR_SET_DUMPABLE, 1);
  const bool mapped = write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/gid_map", map.groups) &&
                      write_file("/proc/self/uid_map", map.users);
  prctl(PR_SET_DUMPABLE, 0);
  return mapped;
}

bool raise_loopback() noexcept {
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq loopback{};
  std::memcpy(loopback.ifr_name, "lo", sizeof "lo");
  loopback.ifr_flags = IFF_UP;
  const bool raised = ioctl(any, SIOCSIFFLAGS, &loopback) == 0;
  close(any);
  return raised;
}

bool give_way_out(int control, std::string_view message) noexcept {
  const int listener = listen_on_loopback(kEgressPort);
  if (listener < 0) return false;
  iovec part{const_cast<char*>(message.data()), message.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control_bytes{};
  header.msg_control = control_bytes.data();
  header.msg_controllen = control_bytes.size();
  cmsghdr* item = CMSG_FIRSTHDR(&header);
  item->cmsg_level = SOL_SOCKET;
  item->cmsg_type = SCM_RIGHTS;
  item->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(item), &listener, sizeof(int));
  const bool given = sendmsg(control, &header, MSG_NOSIGNAL) == static_cast<ssize_t>(message.size());
  close(listener);
  return given;
}

}  // namespace driftstack::browser_webkit

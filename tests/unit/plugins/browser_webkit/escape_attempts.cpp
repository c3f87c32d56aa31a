#include "escape_attempts.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>

namespace driftstack::browser_webkit::test {
namespace {

constexpr int kPatience = 200;  // milliseconds
constexpr std::size_t kPiece = std::size_t{1} << 20;

sockaddr_in at(const char* address, std::uint16_t port) {
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(port);
  inet_pton(AF_INET, address, &target.sin_addr);
  return target;
}

bool connects(const char* address, std::uint16_t port) {
  const int one = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const sockaddr_in target = at(address, port);
  bool connected = connect(one, reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0;
  pollfd wanted{one, POLLOUT, 0};
  if (!connected && errno == EINPROGRESS && poll(&wanted, 1, kPatience) == 1) {
    int error = 0;
    socklen_t size = sizeof error;
    connected = getsockopt(one, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
  }
  close(one);
  return connected;
}

/// Whether there is a route at all; nothing is sent by connecting a datagram socket.
bool has_route(const char* address) {
  const int one = socket(AF_INET, SOCK_DGRAM, 0);
  const sockaddr_in target = at(address, 53);
  const bool routed = connect(one, reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0;
  close(one);
  return routed;
}

bool can_read(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY);
  if (file >= 0) close(file);
  return file >= 0;
}

bool can_write(const std::string& directory) {
  const std::string path = directory + "/driftstack-escape-test";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (file < 0) return false;
  close(file);
  unlink(path.c_str());
  return true;
}

std::size_t processes_seen() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const char first = entry.path().filename().native().front();
    if (first >= '0' && first <= '9') ++count;
  }
  return count;
}

/// Bytes that fit into the directory, in whole pieces, up to `most`.
std::size_t room_in(const std::string& directory, std::size_t most) {
  const std::string path = directory + "/fill";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  std::size_t written = 0;
  while (written < most && posix_fallocate(file, static_cast<off_t>(written), kPiece) == 0) written += kPiece;
  close(file);
  unlink(path.c_str());
  return written;
}

/// Whether so many children can be alive at once.
bool can_have_children(std::size_t count) {
  std::vector<pid_t> children;
  while (children.size() < count) {
    const pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      for (;;) pause();
    }
    children.push_back(child);
  }
  for (const pid_t child : children) kill(child, SIGKILL);
  for (const pid_t child : children) waitpid(child, nullptr, 0);
  return children.size() == count;
}

}  // namespace

std::vector<std::string> escape(std::uint16_t port, const std::string& secret, const std::string& directory) {
  std::vector<std::string> reached;
  const auto note = [&reached](bool got_there, const char* name) {
    if (got_there) reached.emplace_back(name);
  };
  note(connects("127.0.0.1", port), "a server on the machine's loopback");
  note(has_route("192.0.2.1") || has_route("169.254.169.254") || has_route("10.0.0.1"), "a route");
  note(can_read(secret), "a file of the server");
  note(can_read("/etc/passwd") || can_read("/root") || can_read("/home"), "files of users");
  note(can_write("/usr/share") || can_write("/etc") || can_write("/"), "the system's files");
  note(processes_seen() > 2, "other processes");
  note(shmget(1, 1, 0) >= 0 || errno != ENOENT, "shared memory of others");
  note(room_in(directory, std::size_t{80} << 20) >= std::size_t{80} << 20, "all the disk");
  note(can_have_children(1100), "processes without end");
  note(!can_write(directory), "not even its own directory");
  return reached;
}

}  // namespace driftstack::browser_webkit::test

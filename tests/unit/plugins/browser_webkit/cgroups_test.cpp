#include "plugins/browser-webkit/driver/cgroups.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <vector>

namespace driftstack::browser_webkit {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

/// How a process ends that waits for `go` and then fills so much memory.
int fill_in(const Cgroup* group, std::size_t bytes) {
  int go[2];
  REQUIRE(pipe(go) == 0);
  const pid_t child = fork();
  if (child == 0) {
    char byte = 0;
    if (read(go[0], &byte, 1) != 1) _exit(2);
    std::vector<char> memory(bytes);
    std::memset(memory.data(), 1, memory.size());
    _exit(memory[bytes / 2] == 1 ? 0 : 3);
  }
  if (group != nullptr) CHECK(group->add(child));
  CHECK(write(go[1], "g", 1) == 1);
  close(go[0]);
  close(go[1]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

TEST_CASE("a process in a group is killed above the limit, and the twin outside of it is not", "[guard]") {
  Cgroups groups;
  const std::shared_ptr<Cgroup> group = groups.make(32 * kMebibyte);
  if (!group) return;  // the machine gives no control groups away: the fair count is all there is
  CHECK_FALSE(group->ran_out_of_memory());
  const int status = fill_in(group.get(), 128 * kMebibyte);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
  CHECK(group->ran_out_of_memory());
  CHECK(fill_in(nullptr, 128 * kMebibyte) == 0);
}

}  // namespace
}  // namespace driftstack::browser_webkit

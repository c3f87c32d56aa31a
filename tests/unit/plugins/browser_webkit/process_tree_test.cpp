#include "plugins/browser-webkit/driver/process_tree.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

namespace driftstack::browser_webkit {
namespace {

/// A child in a login session of its own whose child waits; both are killed at the end.
class Family {
 public:
  Family() {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    parent_ = fork();
    if (parent_ == 0) {
      setsid();
      const pid_t child = fork();
      if (child == 0) {
        for (;;) pause();
      }
      if (write(ends[1], &child, sizeof child) != sizeof child) _exit(1);
      for (;;) pause();
    }
    REQUIRE(read(ends[0], &child_, sizeof child_) == sizeof child_);
    close(ends[0]);
    close(ends[1]);
  }
  ~Family() {
    kill(child_, SIGKILL);
    kill(parent_, SIGKILL);
    waitpid(parent_, nullptr, 0);
  }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  pid_t parent() const { return parent_; }
  pid_t child() const { return child_; }

 private:
  pid_t parent_ = -1, child_ = -1;
};

bool holds(const std::vector<pid_t>& pids, pid_t pid) { return std::find(pids.begin(), pids.end(), pid) != pids.end(); }

TEST_CASE("a tree is found from its root, parents first") {
  const Family family;
  CHECK(descendants_of(family.parent()) == std::vector<pid_t>{family.parent(), family.child()});
  CHECK(holds(descendants_of(getpid()), family.child()));
}

TEST_CASE("a child whose parent is gone is still found by its login session") {
  const Family family;
  kill(family.parent(), SIGKILL);
  siginfo_t info{};
  REQUIRE(waitid(P_PID, static_cast<id_t>(family.parent()), &info, WEXITED | WNOWAIT) == 0);
  CHECK_FALSE(holds(descendants_of(family.parent()), family.child()));
  CHECK(holds(members_of_session(family.parent()), family.child()));
  CHECK_FALSE(holds(members_of_session(family.parent()), getpid()));
}

TEST_CASE("a process that only waits to be reaped does not run") {
  const Family family;
  CHECK(is_running(family.parent()));
  kill(family.parent(), SIGKILL);
  siginfo_t info{};
  REQUIRE(waitid(P_PID, static_cast<id_t>(family.parent()), &info, WEXITED | WNOWAIT) == 0);
  CHECK_FALSE(is_running(family.parent()));
  CHECK(is_running(getpid()));
}

TEST_CASE("the fair weight of processes is positive and not above the upper bound") {
  const std::vector<pid_t> self{getpid()};
  const std::int64_t fair = memory_of(self, Weighing::fair);
  CHECK(fair > 0);
  CHECK(fair <= memory_of(self, Weighing::upper) + (1 << 20));  // pages that arrived between the two looks
  CHECK(memory_of({-1}, Weighing::fair) == 0);
}

}  // namespace
}  // namespace driftstack::browser_webkit

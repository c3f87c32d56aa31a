#pragma once
// A hard stop for the memory of a session, where the server may make control groups (v1 or v2). The fair count of the fleet acts first;
// this one holds when a session allocates faster than it is weighed. [loop-thread]

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

namespace driftstack::browser_webkit {

/// One group; removed with this object.
class Cgroup {
 public:
  explicit Cgroup(std::string directory, bool is_v2) : directory_(std::move(directory)), is_v2_(is_v2) {}
  /// Its processes must be gone.
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  /// The process and all that it starts from now on.
  bool add(pid_t process) const;
  /// Something in it was killed for the group's limit.
  bool ran_out_of_memory() const;

 private:
  std::string directory_;
  bool is_v2_;
};

/// The groups of this server's sessions, below the server's own group.
class Cgroups {
 public:
  Cgroups();
  /// Null where groups cannot be made.
  std::shared_ptr<Cgroup> make(std::int64_t memory_limit);

 private:
  std::string base_;  // empty: there is no memory controller
  bool is_v2_ = false;
  unsigned next_ = 1;
};

}  // namespace driftstack::browser_webkit

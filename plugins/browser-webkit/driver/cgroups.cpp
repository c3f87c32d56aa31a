#include "driver/cgroups.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

namespace driftstack::browser_webkit {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "driftstack-session-";
constexpr const char* kMount = "/sys/fs/cgroup";

bool write_file(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  return written;
}

/// `hierarchy:controllers:path`; v2 has no controllers there.
std::string own_path(std::string_view controller) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::istringstream controllers(line.substr(first + 1, second - first - 1));
    const bool is_v2 = second == first + 1;
    bool found = is_v2 && controller.empty();
    for (std::string one; std::getline(controllers, one, ',');) found = found || one == controller;
    if (found) return line.substr(second + 1);
  }
  return {};
}

/// Groups that a killed server left. Only empty ones can be removed, so those of others are safe.
void remove_leftovers(const std::string& base) {
  std::error_code error;
  for (fs::directory_iterator at(base, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().native().starts_with(kPrefix)) rmdir(at->path().c_str());
  }
}

}  // namespace

Cgroup::~Cgroup() { rmdir(directory_.c_str()); }

bool Cgroup::add(pid_t process) const { return write_file(directory_ + "/cgroup.procs", std::to_string(process)); }

bool Cgroup::ran_out_of_memory() const {
  std::ifstream file(directory_ + (is_v2_ ? "/memory.events" : "/memory.oom_control"));
  for (std::string name, value; file >> name >> value;) {
    if (name == "oom_kill") return value != "0";
  }
  return false;
}

Cgroups::Cgroups() {
  const std::string v1 = own_path("memory");
  is_v2_ = v1.empty();
  base_ = std::string(kMount) + (is_v2_ ? own_path("") : "/memory" + v1);
  // v2 hands controllers on only where no process sits beside the new groups: in a group of the server's own inside a delegated one.
  if (is_v2_ && !write_file(base_ + "/cgroup.subtree_control", "+memory")) base_ = fs::path(base_).parent_path();
  if (access((base_ + "/cgroup.procs").c_str(), W_OK) != 0) base_.clear();
  if (!base_.empty()) remove_leftovers(base_);
}

std::shared_ptr<Cgroup> Cgroups::make(std::int64_t memory_limit) {
  if (base_.empty()) return nullptr;
  const std::string directory = base_ + "/" + std::string(kPrefix) + std::to_string(getpid()) + "-" + std::to_string(next_++);
  if (mkdir(directory.c_str(), 0755) != 0) return nullptr;
  auto group = std::make_shared<Cgroup>(directory, is_v2_);
  if (!write_file(directory + (is_v2_ ? "/memory.max" : "/memory.limit_in_bytes"), std::to_string(memory_limit))) return nullptr;
  return group;
}

}  // namespace driftstack::browser_webkit

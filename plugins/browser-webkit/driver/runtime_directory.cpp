#include "driver/runtime_directory.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace driftstack::browser_webkit {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "driftstack-sessions-";
constexpr const char* kLockName = "/lock";
constexpr mode_t kPrivate = 0700;
constexpr mode_t kPassable = 0711;  // the session user must reach its own directory below

bool is_in_memory(const std::string& path) {
  struct statfs facts {};
  return statfs(path.c_str(), &facts) == 0 && facts.f_type == TMPFS_MAGIC;
}

std::string best_base() {
  constexpr std::array<const char*, 2> kCandidates = {"/run", "/dev/shm"};
  for (const char* candidate : kCandidates) {
    if (is_in_memory(candidate) && access(candidate, W_OK) == 0) return candidate;
  }
  const char* own = getenv("XDG_RUNTIME_DIR");
  if (own != nullptr && is_in_memory(own)) return own;
  return "/tmp";
}

/// Locked, or empty when somebody else holds it or it cannot be made.
Descriptor take_lock(const std::string& directory) {
  Descriptor lock(open((directory + kLockName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock && flock(lock.get(), LOCK_EX | LOCK_NB) != 0) lock.reset();
  return lock;
}

/// A directory that another user made under our prefix is none of ours: its files may be traps.
bool is_own(const std::string& directory) {
  struct stat facts {};
  return lstat(directory.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid();
}

void remove_leftovers(const std::string& base) {
  std::error_code error;
  for (fs::directory_iterator at(base, error), end; !error && at != end; at.increment(error)) {
    const std::string path = at->path().native();
    if (!at->path().filename().native().starts_with(kPrefix) || !is_own(path)) continue;
    if (take_lock(path)) remove_directory(path);
  }
}

}  // namespace

void remove_directory(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

Result<RuntimeRoot> RuntimeRoot::open(std::string base) {
  if (base.empty()) base = best_base();
  remove_leftovers(base);
  std::string path = base + "/" + std::string(kPrefix) + "XXXXXX";
  if (mkdtemp(path.data()) == nullptr || chmod(path.c_str(), kPassable) != 0) {
    return Error(Errc::unavailable, "no directory for sessions in " + base + ": " + std::strerror(errno));
  }
  Descriptor lock = take_lock(path);
  if (!lock) return Error(Errc::unavailable, "the directory for sessions cannot be locked: " + path);
  return RuntimeRoot(std::move(path), std::move(lock));
}

RuntimeRoot::~RuntimeRoot() {
  if (lock_) remove_directory(path_);
}

Result<std::string> RuntimeRoot::make_session_directory(const SessionUser& user) {
  std::string path = path_ + "/" + std::to_string(next_++);
  const bool made = mkdir(path.c_str(), kPrivate) == 0 && (!user.switch_user || chown(path.c_str(), user.uid, user.gid) == 0);
  if (!made) return Error(Errc::unavailable, "no directory for a session: " + std::string(std::strerror(errno)));
  return path;
}

}  // namespace driftstack::browser_webkit

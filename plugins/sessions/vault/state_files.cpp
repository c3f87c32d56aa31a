#include "vault/state_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace driftstack::sessions {
namespace {

constexpr std::string_view kSuffix = ".state";
constexpr const char* kNewSuffix = ".new";
constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;

struct CloseList {
  void operator()(DIR* list) const noexcept { closedir(list); }
};

Error failed(const std::string& what) { return Error(Errc::internal, what + ": " + std::strerror(errno)); }

Result<MemoryFile> open_folder(const std::string& path) {
  MemoryFile folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder) return failed("the folder of profile states cannot be opened");
  return folder;
}

}  // namespace

std::string state_file_name(const Uuid& profile, std::int64_t revision) {
  return profile.to_text() + "-" + std::to_string(revision) + std::string(kSuffix);
}

Result<> StateFiles::prepare() const {
  if (mkdir(directory_.c_str(), kPrivateFolder) != 0 && errno != EEXIST) return failed("the folder of profile states cannot be made");
  struct stat facts {};
  if (lstat(directory_.c_str(), &facts) != 0) return failed("the folder of profile states cannot be read");
  const bool ours = S_ISDIR(facts.st_mode) && facts.st_uid == geteuid() && (facts.st_mode & 077) == 0;
  if (!ours) return Error(Errc::internal, "the folder of profile states must be a folder of this user with mode 0700: " + directory_);
  return Done();
}

Result<std::int64_t> StateFiles::write(const std::string& name, const std::function<Result<>(int)>& fill) const {
  const auto folder = open_folder(directory_);
  if (!folder) return folder.error();
  const std::string fresh = name + kNewSuffix;
  unlinkat(folder->descriptor(), fresh.c_str(), 0);  // of a write that a crash cut short
  const MemoryFile file(openat(folder->descriptor(), fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivateFile));
  if (!file) return failed("a profile state cannot be made");
  auto filled = fill(file.descriptor());
  if (filled && fsync(file.descriptor()) != 0) filled = failed("a profile state cannot be synced");
  const std::int64_t size = file.size();
  if (filled && renameat(folder->descriptor(), fresh.c_str(), folder->descriptor(), name.c_str()) != 0) {
    filled = failed("a profile state cannot be renamed");
  }
  if (filled && fsync(folder->descriptor()) != 0) filled = failed("the folder of profile states cannot be synced");
  if (filled) return size;
  unlinkat(folder->descriptor(), fresh.c_str(), 0);
  return std::move(filled).error();
}

Result<MemoryFile> StateFiles::read(const std::string& name, const std::function<Result<MemoryFile>(int)>& take) const {
  const auto folder = open_folder(directory_);
  if (!folder) return folder.error();
  const MemoryFile file(openat(folder->descriptor(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) return failed("a profile state cannot be opened");
  struct stat facts {};
  const bool ours = fstat(file.descriptor(), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == geteuid();
  if (!ours) return Error(Errc::internal, "a profile state is no file of this user");
  return take(file.descriptor());
}

Result<> StateFiles::remove(const std::string& name) const {
  const auto folder = open_folder(directory_);
  if (!folder) return folder.error();
  if (unlinkat(folder->descriptor(), name.c_str(), 0) != 0 && errno != ENOENT) return failed("a profile state cannot be removed");
  return Done();
}

Result<> StateFiles::remove_all_of(const Uuid& profile) const {
  const std::string prefix = profile.to_text() + "-";
  return remove_where([&prefix](const std::string& name) { return name.starts_with(prefix); });
}

Result<> StateFiles::remove_all_but(const std::set<std::string>& names) const {
  return remove_where([&names](const std::string& name) { return !names.contains(name); });
}

Result<> StateFiles::remove_where(const std::function<bool(const std::string&)>& condition) const {
  auto folder = open_folder(directory_);
  if (!folder) return std::move(folder).error();
  const std::unique_ptr<DIR, CloseList> list(fdopendir(fcntl(folder->descriptor(), F_DUPFD_CLOEXEC, 0)));
  if (!list) return failed("the folder of profile states cannot be listed");
  std::vector<std::string> doomed;
  while (const dirent* entry = readdir(list.get())) {
    const std::string name = entry->d_name;
    const bool ours = name.ends_with(kSuffix) || name.ends_with(kNewSuffix);
    if (ours && condition(name)) doomed.push_back(name);
  }
  for (const std::string& name : doomed) {
    if (unlinkat(folder->descriptor(), name.c_str(), 0) != 0 && errno != ENOENT) return failed("a profile state cannot be removed");
  }
  if (!doomed.empty() && fsync(folder->descriptor()) != 0) return failed("the folder of profile states cannot be synced");
  return Done();
}

}  // namespace driftstack::sessions

#include "kernel/server/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "driftstack/support/random_bytes.hpp"

namespace driftstack::kernel {
namespace {

Error system_error(const std::string& what, const std::filesystem::path& path) {
  return Error(Errc::internal, what + " " + path.string() + ": " + std::strerror(errno));
}

Result<> sync_folder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error("cannot open the folder", folder);
  const int synced = fsync(descriptor);
  close(descriptor);
  if (synced != 0) return system_error("cannot sync the folder", folder);
  return Done();
}

Result<> write_all(int descriptor, std::string_view content, const std::filesystem::path& file) {
  while (!content.empty()) {
    const auto written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno != EINTR) return system_error("cannot write", file);
    if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fsync(descriptor) != 0) return system_error("cannot sync", file);
  return Done();
}

}  // namespace

Result<std::filesystem::path> prepare_data_directory(const std::filesystem::path& folder) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(folder, error).lexically_normal();
  if (error) return Error(Errc::internal, "cannot resolve the data directory " + folder.string());
  if (mkdir(absolute.c_str(), 0700) != 0 && errno != EEXIST) return system_error("cannot make the data directory", absolute);
  struct stat status {};
  if (stat(absolute.c_str(), &status) != 0) return system_error("cannot look at the data directory", absolute);
  if (!S_ISDIR(status.st_mode)) return Error(Errc::internal, "the data directory " + absolute.string() + " is no folder");
  if (status.st_uid != geteuid() && status.st_uid != 0)
    return Error(Errc::internal, "the data directory " + absolute.string() + " belongs to another user; give it to the server's user");
  if ((status.st_mode & 022) != 0)
    return Error(Errc::internal, "the data directory " + absolute.string() + " can be written by others; run chmod 700 on it");
  return absolute;
}

Result<ServerLock> ServerLock::acquire(const std::filesystem::path& folder) {
  const auto file = folder / kServerLock;
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return system_error("cannot open", file);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    close(descriptor);
    if (taken)
      return Error(Errc::conflict,
                   "the data directory " + folder.string() + " is in use by another server; stop it or choose another data_dir");
    return system_error("cannot lock", file);
  }
  return ServerLock(descriptor);
}

ServerLock::ServerLock(ServerLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

ServerLock::~ServerLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<std::string> node_id(const std::filesystem::path& folder) {
  const auto file = folder / "node.id";
  std::ifstream in(file);
  if (std::string line; in && std::getline(in, line)) {
    if (const auto known = Uuid::from_text(line)) return known->to_text();
    return Error(Errc::internal, file.string() + " holds no UUID; delete it and start again, the server makes a new one");
  }
  if (std::filesystem::exists(file)) return Error(Errc::internal, "cannot read " + file.string());
  const auto made = random_uuid().to_text();
  if (auto written = write_private_file(file, made + "\n"); !written) return std::move(written).error();
  return made;
}

Result<> write_private_file(const std::filesystem::path& file, std::string_view content) {
  auto fresh = file;
  fresh += ".new";
  const int descriptor = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return system_error("cannot make", fresh);
  auto written = write_all(descriptor, content, fresh);
  close(descriptor);
  if (!written) return written;
  if (rename(fresh.c_str(), file.c_str()) != 0) return system_error("cannot rename to", file);
  return sync_folder(file.parent_path());
}

}  // namespace driftstack::kernel

#include "store_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace driftstack::database_sqlite {
namespace {

Error system_error(const std::string& what, int number) {
  return Error(Errc::unavailable, what + ": " + std::generic_category().message(number));
}

/// Makes the name of a new file survive a power cut.
Result<> sync_directory_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error("cannot open the folder " + directory, errno);
  const int failed = ::fsync(descriptor);
  const int number = errno;
  ::close(descriptor);
  if (failed != 0) return system_error("cannot synchronise the folder " + directory, number);
  return Done();
}

}  // namespace

StoreFile::~StoreFile() { release(); }

Result<> StoreFile::acquire(const std::string& path, Sharing sharing) {
  constexpr mode_t kPrivate = 0600;
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, kPrivate);
  if (descriptor_ < 0) return system_error("cannot open the database file " + path, errno);
  if (sharing == Sharing::exclusive && ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int number = errno;
    release();
    if (number != EWOULDBLOCK) return system_error("cannot lock the database file " + path, number);
    return Error(Errc::unavailable,
                 "the database file " + path + " is in use by another server: stop that one, or give this one a data directory of its own");
  }
  if (::fsync(descriptor_) != 0) return system_error("cannot synchronise the database file " + path, errno);
  return sync_directory_of(path);
}

void StoreFile::release() noexcept {
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor >= 0) ::close(descriptor);
}

}  // namespace driftstack::database_sqlite

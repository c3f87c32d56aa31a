#include "driftstack/support/memory_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace driftstack {
namespace {

constexpr int kAllSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;

Error failed(const char* step) { return Error(Errc::unavailable, std::string(step) + ": " + std::strerror(errno)); }

}  // namespace

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<MemoryFile> MemoryFile::create() {
  MemoryFile file(memfd_create("driftstack", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return failed("no file in memory");
  return file;
}

Result<MemoryFile> MemoryFile::of(std::string_view content) {
  Result<MemoryFile> file = create();
  if (!file) return file;
  if (auto added = file->append(content); !added) return std::move(added).error();
  if (auto sealed = file->seal(); !sealed) return std::move(sealed).error();
  return file;
}

std::int64_t MemoryFile::size() const noexcept {
  struct stat facts {};
  return descriptor_ >= 0 && fstat(descriptor_, &facts) == 0 ? facts.st_size : 0;
}

Result<> MemoryFile::append(std::string_view bytes) {
  std::int64_t at = size();
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("a file in memory cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(written));
    at += written;
  }
  return Done();
}

std::int64_t MemoryFile::read_at(std::int64_t offset, std::span<char> out) const noexcept {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = pread(descriptor_, out.data() + done, out.size() - done, offset + static_cast<std::int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<std::int64_t>(done);
}

Result<std::string> MemoryFile::content() const {
  std::string text(static_cast<std::size_t>(size()), '\0');
  const std::int64_t got = read_at(0, text);
  if (got < 0) return failed("a file in memory cannot be read");
  text.resize(static_cast<std::size_t>(got));
  return text;
}

Result<> MemoryFile::seal() {
  if (fcntl(descriptor_, F_ADD_SEALS, kAllSeals) != 0) return failed("a file in memory cannot be sealed");
  return Done();
}

bool MemoryFile::is_sealed() const noexcept {
  const int seals = descriptor_ >= 0 ? fcntl(descriptor_, F_GET_SEALS) : -1;
  constexpr int kFixed = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;
  return seals >= 0 && (seals & kFixed) == kFixed;
}

Result<MemoryFile> MemoryFile::duplicate() const {
  MemoryFile copy(fcntl(descriptor_, F_DUPFD_CLOEXEC, 0));
  if (!copy) return failed("no second descriptor");
  return copy;
}

}  // namespace driftstack

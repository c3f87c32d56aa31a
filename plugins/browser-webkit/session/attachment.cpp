#include "attachment.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace driftstack::browser_webkit {

Attachment::~Attachment() {
  if (descriptor_ >= 0) close(descriptor_);
}

Attachment::Attachment(Attachment&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

Attachment& Attachment::operator=(Attachment&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

std::optional<Attachment> Attachment::of(std::string_view bytes) {
  const int descriptor = memfd_create("capture", MFD_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  Attachment attachment(descriptor, static_cast<std::int64_t>(bytes.size()));
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written <= 0) return std::nullopt;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return attachment;
}

std::optional<Attachment> Attachment::take_file(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return std::nullopt;
  unlink(path.c_str());
  Attachment attachment(descriptor, 0);
  struct stat facts {};
  if (fstat(descriptor, &facts) != 0) return std::nullopt;
  attachment.size_ = facts.st_size;
  return attachment;
}

}  // namespace driftstack::browser_webkit

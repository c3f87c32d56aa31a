#include "attachment.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
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

Outcome<Attachment> Attachment::made_of(std::string_view bytes) {
  std::optional<Attachment> attachment = of(bytes);
  if (!attachment) return failure(FailureCode::internal, "no memory for the capture");
  return std::move(*attachment);
}

std::optional<Attachment> Attachment::take_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  unlink(path.c_str());
  if (file.bad()) return std::nullopt;
  return of(content);
}

}  // namespace driftstack::browser_webkit

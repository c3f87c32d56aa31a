#include "kernel/runtime/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace driftstack::kernel {
namespace {

constexpr std::size_t kLongestFile = 4096;  // each holds one short line

Error system_error(const std::string& path, const char* step) {
  return key_file_error(path, std::string(step) + " failed: " + std::generic_category().message(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

Result<> write_draft(const std::string& draft, std::string_view text) {
  ::unlink(draft.c_str());
  const Descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return system_error(draft, "making it");
  const std::string line = std::string(text) + "\n";
  if (::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) return system_error(draft, "writing");
  if (::fsync(file.get()) != 0) return system_error(draft, "flushing");
  return Done();
}

Result<> flush_folder(const std::string& directory) {
  const Descriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return system_error(directory, "flushing");
  return Done();
}

}  // namespace

Error key_file_error(const std::string& path, const std::string& what) { return Error(Errc::internal, path + ": " + what); }

Result<std::optional<std::string>> read_key_file(const std::string& path, KeyFilePrivacy privacy) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) {
    if (errno == ENOENT) return std::optional<std::string>();
    return system_error(path, "opening");
  }
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return system_error(path, "looking at it");
  if (!S_ISREG(facts.st_mode)) return key_file_error(path, "is not a regular file");
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0)
    return key_file_error(path, "belongs to another user; it must be the server's or root's");
  if (privacy == KeyFilePrivacy::secret && (facts.st_mode & 0177) != 0)
    return key_file_error(path, "may be read by others; run: chmod 0600 " + path);
  std::string text(kLongestFile, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return system_error(path, "reading");
  text.resize(static_cast<std::size_t>(size));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return std::optional<std::string>(std::move(text));
}

Result<> make_key_file(const std::string& directory, std::string_view name, std::string_view text) {
  const std::string path = directory + "/" + std::string(name), draft = path + ".new";
  if (auto written = write_draft(draft, text); !written) return written;
  if (::link(draft.c_str(), path.c_str()) != 0) return system_error(path, "making it");  // refuses to replace, unlike rename
  ::unlink(draft.c_str());
  return flush_folder(directory);
}

Result<> replace_key_file(const std::string& directory, std::string_view name, std::string_view text) {
  const std::string path = directory + "/" + std::string(name), draft = path + ".new";
  if (auto written = write_draft(draft, text); !written) return written;
  if (::rename(draft.c_str(), path.c_str()) != 0) return system_error(path, "replacing it");
  return flush_folder(directory);
}

}  // namespace driftstack::kernel

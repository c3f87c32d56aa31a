#include "driver/file_system_view.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace driftstack::browser_webkit {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRootName = "/view";
constexpr mode_t kPassable = 0755;
constexpr std::string_view kSharedOptions = "mode=1777,size=64m";

// Directories or, on a system with merged /usr, links into it.
constexpr const char* kPrograms[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
// Loader, fonts, certificates, time zone and looks. Not all of /etc: what an operator keeps there is nobody's business in a session.
constexpr const char* kConfiguration[] = {
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",    "/etc/alternatives", "/etc/fonts",
    "/etc/ssl",         "/etc/pki",        "/etc/ca-certificates", "/etc/gnutls",       "/etc/localtime",
    "/etc/timezone",    "/etc/mime.types", "/etc/gtk-3.0",         "/etc/glvnd",        "/var/cache/fontconfig"};
// The engine's sandbox wants to hand these on.
constexpr const char* kKernelFiles[] = {"/sys/block", "/sys/bus", "/sys/class", "/sys/dev", "/sys/devices"};
constexpr const char* kDevices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};

bool read_only(const char* path, unsigned flags) noexcept {
  mount_attr wanted{};
  wanted.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  return syscall(SYS_mount_setattr, AT_FDCWD, path, flags, &wanted, sizeof wanted) == 0;
}

bool make_file(const char* path, std::string_view content) noexcept {
  const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return false;
  const bool written = write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  close(file);
  return written;
}

}  // namespace

FileSystemView::FileSystemView(const std::string& directory, std::int64_t size) : root_(directory + std::string(kRootName)) {
  mkdir(root_.c_str(), kPassable);  // where it is there already, or cannot be made, entering says so
  show_system();
  show_devices();
  add(Kind::directory, "/proc");
  add(Kind::processes, "/proc");
  add(Kind::directory, "/tmp");
  add(Kind::memory, "/tmp", std::string(kSharedOptions));
  add_parents(directory);
  add(Kind::directory, directory);
  add(Kind::memory, directory, "mode=0700,size=" + std::to_string(size));
}

void FileSystemView::add(Kind kind, const std::string& path, std::string from) {
  steps_.push_back(Step{kind, root_ + path, std::move(from)});
}

void FileSystemView::add_parents(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    add(Kind::directory, path.substr(0, slash));
  }
}

/// The same thing at the same place, if it is there.
void FileSystemView::show(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (!fs::exists(status)) return;
  add_parents(path);
  if (fs::is_symlink(status)) return add(Kind::link, path, fs::read_symlink(path, error).native());
  add(fs::is_directory(status) ? Kind::directory : Kind::file, path);
  add(Kind::bind, path, path);
}

void FileSystemView::show_system() {
  show("/usr");
  for (const char* path : kPrograms) show(path);
  for (const char* path : kConfiguration) show(path);
  for (const char* path : kKernelFiles) show(path);
}

void FileSystemView::show_devices() {
  add(Kind::directory, "/dev");
  for (const char* path : kDevices) {
    std::error_code error;
    if (!fs::exists(path, error)) continue;
    add(Kind::file, path);
    add(Kind::bind_device, path, path);
  }
  add(Kind::directory, "/dev/shm");
  add(Kind::memory, "/dev/shm", std::string(kSharedOptions));
  add(Kind::link, "/dev/fd", "/proc/self/fd");
}

bool FileSystemView::carry_out(const Step& step) noexcept {
  const char* path = step.path.c_str();
  const char* from = step.from.c_str();
  switch (step.kind) {
    case Kind::directory:
      return mkdir(path, kPassable) == 0 || errno == EEXIST;
    case Kind::file:
      return make_file(path, step.from);
    case Kind::link:
      return symlink(from, path) == 0;
    case Kind::bind:
      return mount(from, path, nullptr, MS_BIND | MS_REC, nullptr) == 0 && read_only(path, AT_RECURSIVE);
    case Kind::bind_device:
      return mount(from, path, nullptr, MS_BIND, nullptr) == 0;
    case Kind::memory:
      return mount("session", path, "tmpfs", MS_NOSUID | MS_NODEV, from) == 0;
    case Kind::processes:
      return mount("proc", path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
  }
  return false;
}

std::string_view FileSystemView::enter() const noexcept {
  // What happens here stays here.
  if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return "mounts of its own";
  if (mount("session", root_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m") != 0) return "a file system in memory";
  for (const Step& step : steps_) {
    if (!carry_out(step)) return std::string_view(step.path).substr(root_.size());
  }
  const bool turned = chdir(root_.c_str()) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 &&
                      chdir("/") == 0 && read_only("/", 0);
  return turned ? std::string_view() : "a root of its own";
}

}  // namespace driftstack::browser_webkit

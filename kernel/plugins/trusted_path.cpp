#include "kernel/plugins/trusted_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace driftstack::kernel {
namespace {

// Manifests and pins are a few KiB.
constexpr std::size_t kSmallFile = std::size_t{1} << 20;

enum class Place { above, folder_itself, file };

Error refuse(const std::filesystem::path& path, const std::string& reason) { return Error(Errc::forbidden, path.string() + " " + reason); }

Error failed(const std::filesystem::path& path, int error) {
  return Error(error == ENOENT ? Errc::not_found : Errc::unavailable,
               path.string() + " cannot be opened: " + std::generic_category().message(error));
}

/// What is wrong with this part of a path; empty when nothing is.
std::string part_problem(const struct stat& status, Place place, uid_t user) {
  if (S_ISLNK(status.st_mode)) return "is a link; name the place that it leads to";
  if (place == Place::file && !S_ISREG(status.st_mode)) return "is not a regular file";
  if (place != Place::file && !S_ISDIR(status.st_mode)) return "is not a folder";
  if (status.st_uid != 0 && status.st_uid != user) {
    return "is owned by user " + std::to_string(status.st_uid) + "; it must be root or the server's user";
  }
  const bool sticky_above = place == Place::above && (status.st_mode & S_ISVTX) != 0;
  if (sticky_above) return {};
  if ((status.st_mode & S_IWOTH) != 0) return "can be written by everyone; run: chmod o-w";
  if ((status.st_mode & S_IWGRP) != 0) return "can be written by its group; run: chmod g-w";
  return {};
}

Result<Descriptor> open_part(const Descriptor& parent, const std::filesystem::path& path, const std::string& name, Place place,
                             uid_t user) {
  // O_PATH with O_NOFOLLOW opens a link as itself, so that its own nature is what gets judged.
  const int flags = O_CLOEXEC | O_NOFOLLOW | (place == Place::file ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH);
  Descriptor part(::openat(parent.get(), name.c_str(), flags));
  if (part.get() < 0 && errno == ELOOP) return refuse(path, "is a link; name the place that it leads to");
  if (part.get() < 0) return failed(path, errno);
  struct stat status {};
  if (::fstat(part.get(), &status) != 0) return failed(path, errno);
  const std::string problem = part_problem(status, place, user);
  if (!problem.empty()) return refuse(path, problem);
  return part;
}

}  // namespace

Result<Descriptor> open_trusted_folder(const std::filesystem::path& folder, uid_t user) {
  if (!folder.is_absolute()) return refuse(folder, "is not an absolute path");
  std::filesystem::path walked = "/";
  Descriptor current(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (current.get() < 0) return failed(walked, errno);
  const std::filesystem::path names = folder.relative_path();
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (name->empty()) continue;  // a trailing slash
    if (*name == "." || *name == "..") return refuse(folder, "holds \"" + name->string() + "\"; write the path without it");
    walked /= *name;
    const auto next = std::next(name);
    const bool last = next == names.end() || (next->empty() && std::next(next) == names.end());
    auto part = open_part(current, walked, name->string(), last ? Place::folder_itself : Place::above, user);
    if (!part) return part;
    current = std::move(*part);
  }
  return current;
}

Result<Descriptor> open_trusted_file(const Descriptor& folder, const std::filesystem::path& folder_path, const std::string& name,
                                     uid_t user) {
  return open_part(folder, folder_path / name, name, Place::file, user);
}

Result<std::string> read_small_file(const Descriptor& file, const std::string& shown_name) {
  std::string text;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(shown_name, errno);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > kSmallFile) return refuse(shown_name, "is larger than 1 MiB");
  }
}

}  // namespace driftstack::kernel

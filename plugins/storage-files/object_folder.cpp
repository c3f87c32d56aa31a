#include "object_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "driftstack/support/random_bytes.hpp"

namespace driftstack::storage_files {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

Error trouble(std::string_view what, int number) {
  return Error(Errc::unavailable, "storage-files: " + std::string(what) + ": " + std::system_category().message(number));
}

Result<> synced(const Descriptor& descriptor) {
  if (::fsync(descriptor.number()) == 0) return Done();
  return trouble("fsync", errno);
}

Result<Descriptor> open_folder(int parent, const std::string& name) {
  Descriptor folder(::openat(parent, name.c_str(), kFolderFlags));
  if (folder) return folder;
  if (errno == ENOENT || errno == ENOTDIR) return Error(Errc::not_found, "no such object");
  return trouble("opening a folder", errno);
}

// The folder's name is durable in its parent when this answers, whoever made it.
Result<Descriptor> make_folder(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST) return trouble("making a folder", errno);
  if (::fsync(parent) != 0) return trouble("fsync", errno);
  Descriptor folder(::openat(parent, name.c_str(), kFolderFlags));
  if (folder) return folder;
  // Another object has the name of this folder: keys are made by plugins, so this is a mistake of one.
  if (errno == ENOTDIR) return Error(Errc::misuse, "storage-files: a part of the key is an object");
  return trouble("opening a folder", errno);
}

struct Place {
  Descriptor folder;
  std::string name;
};

enum class Missing { refuse, make };

// The folder of a key, step by step from the root.
Result<Place> place_of(const Descriptor& root, std::string_view key, Missing missing) {
  Place place;
  place.folder = Descriptor(::fcntl(root.number(), F_DUPFD_CLOEXEC, 0));
  if (!place.folder) return trouble("dup", errno);
  for (std::size_t slash = key.find('/'); slash != std::string_view::npos; slash = key.find('/')) {
    const std::string name(key.substr(0, slash));
    const int parent = place.folder.number();
    auto next = missing == Missing::make ? make_folder(parent, name) : open_folder(parent, name);
    if (!next) return std::move(next).error();
    place.folder = *std::move(next);
    key.remove_prefix(slash + 1);
  }
  place.name = std::string(key);
  return place;
}

Result<> write_all(const Descriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return trouble("writing", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Done();
}

struct Entry {
  std::string name;  // with a slash behind a folder's, so that names sort as keys do
};

Result<std::vector<Entry>> entries_of(const Descriptor& folder) {
  // A description of its own: readers of one folder do not move each other's position.
  const int number = ::openat(folder.number(), ".", kFolderFlags);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(number < 0 ? nullptr : ::fdopendir(number), &::closedir);
  if (!stream) return trouble("reading a folder", errno);
  std::vector<Entry> entries;
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    if (entry->d_name[0] == '.') continue;
    struct stat status {};
    if (::fstatat(number, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;  // removed meanwhile
    if (S_ISDIR(status.st_mode)) entries.push_back({std::string(entry->d_name) + "/"});
    if (S_ISREG(status.st_mode)) entries.push_back({entry->d_name});
  }
  if (errno != 0) return trouble("reading a folder", errno);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

struct Wanted {
  std::string_view prefix, after;
  std::size_t limit;
};

// Whether a folder may hold wanted keys: its own path leads to the prefix or lies below it, and its last key is not before `after`.
bool may_hold(const std::string& path, const Wanted& wanted) {
  if (!path.starts_with(wanted.prefix) && !wanted.prefix.starts_with(path)) return false;
  return wanted.after < path || wanted.after.starts_with(path);
}

Result<> collect(const Descriptor& folder, const std::string& path, const Wanted& wanted, std::vector<std::string>& found) {
  auto entries = entries_of(folder);
  if (!entries) return std::move(entries).error();
  for (const Entry& entry : *entries) {
    if (found.size() == wanted.limit) return Done();
    const std::string key = path + entry.name;
    if (key.back() != '/') {
      if (key.starts_with(wanted.prefix) && key > wanted.after) found.push_back(key);
      continue;
    }
    if (!may_hold(key, wanted)) continue;
    auto next = open_folder(folder.number(), entry.name.substr(0, entry.name.size() - 1));
    if (!next && next.error().code == Errc::not_found) continue;
    if (!next) return std::move(next).error();
    if (auto below = collect(*next, key, wanted, found); !below) return below;
  }
  return Done();
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other && number_ >= 0) ::close(number_);
  number_ = std::exchange(other.number_, -1);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Result<ObjectFolder> ObjectFolder::open(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return trouble("making " + path, errno);
  const Descriptor root(::open(path.c_str(), kFolderFlags));
  if (!root) return trouble("opening " + path, errno);
  auto objects = make_folder(root.number(), "objects");
  if (!objects) return std::move(objects).error();
  auto unfinished = make_folder(root.number(), "unfinished");
  if (!unfinished) return std::move(unfinished).error();
  auto left_over = entries_of(*unfinished);
  if (!left_over) return std::move(left_over).error();
  for (const Entry& entry : *left_over) ::unlinkat(unfinished->number(), entry.name.c_str(), 0);
  return ObjectFolder(*std::move(objects), *std::move(unfinished));
}

Result<> ObjectFolder::write(std::string_view key, std::string_view head, std::string_view body) const {
  const std::string temporary = random_uuid().to_text();
  Result<> result = Done();
  {
    const Descriptor file(::openat(unfinished_.number(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) return trouble("making a file", errno);
    result = write_all(file, head);
    if (result) result = write_all(file, body);
    if (result) result = synced(file);
  }
  auto place = result ? place_of(objects_, key, Missing::make) : Result<Place>(result.error());
  if (place && ::renameat(unfinished_.number(), temporary.c_str(), place->folder.number(), place->name.c_str()) == 0) {
    return synced(place->folder);
  }
  Error error = place ? trouble("renaming a file", errno) : std::move(place).error();
  ::unlinkat(unfinished_.number(), temporary.c_str(), 0);
  return error;
}

Result<Descriptor> ObjectFolder::read(std::string_view key) const {
  auto place = place_of(objects_, key, Missing::refuse);
  if (!place) return std::move(place).error();
  Descriptor file(::openat(place->folder.number(), place->name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file && (errno == ENOENT || errno == ELOOP)) return Error(Errc::not_found, "no such object");
  if (!file) return trouble("opening a file", errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return trouble("reading a file", errno);
  if (!S_ISREG(status.st_mode)) return Error(Errc::not_found, "no such object");
  return file;
}

Result<> ObjectFolder::remove(std::string_view key) const {
  auto place = place_of(objects_, key, Missing::refuse);
  if (!place && place.error().code == Errc::not_found) return Done();
  if (!place) return std::move(place).error();
  if (::unlinkat(place->folder.number(), place->name.c_str(), 0) == 0) return synced(place->folder);
  if (errno == ENOENT || errno == EISDIR) return Done();
  return trouble("removing a file", errno);
}

Result<std::vector<std::string>> ObjectFolder::list(std::string_view prefix, std::string_view after, std::size_t limit) const {
  std::vector<std::string> found;
  const Wanted wanted{prefix, after, limit};
  if (auto collected = collect(objects_, std::string(), wanted, found); !collected) return std::move(collected).error();
  return found;
}

}  // namespace driftstack::storage_files

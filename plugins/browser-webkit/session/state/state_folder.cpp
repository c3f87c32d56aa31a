#include "state/state_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "driftstack/support/hex.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;
constexpr std::size_t kPieceBytes = 256 * 1024;

/// A part of what the engine writes. What is in none of them is not kept: the HTTP cache, keys of protected media, the engine's sockets.
struct Part {
  std::string_view path;
  StateKind kind;
};
constexpr std::array<Part, 6> kParts = {{
    {"cache/CacheStorage", StateKind::refetchable},
    {"cache/hsts-storage.sqlite", StateKind::kept},
    {"data/databases", StateKind::kept},
    {"data/localstorage", StateKind::kept},
    {"data/serviceworkers", StateKind::refetchable},
    {"data/storage", StateKind::kept},
}};

struct CloseList {
  void operator()(DIR* list) const noexcept { closedir(list); }
};

Failure failed(const std::string& what) { return failure(FailureCode::internal, what + ": " + std::strerror(errno)); }

Failure failed(const Error& error) {
  return failure(error.code == Errc::payload_too_large ? FailureCode::too_large : FailureCode::internal, error.detail);
}

bool is_within(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

/// The archive's alphabet is narrow; the engine's names are not ("Version 16"). Everything else, and a dot in front, becomes %XX.
std::string archive_name(std::string_view name) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+=@-";
  std::string result;
  for (const char& c : name) {
    const bool plain = kPlain.find(c) != std::string_view::npos && !(c == '.' && &c == name.data());
    result += plain ? std::string(1, c) : "%" + hex_encode(std::string_view(&c, 1));
  }
  return result;
}

/// Nothing for what archive_name() does not write, and for names that are no plain file names.
std::optional<std::string> file_name(std::string_view part) {
  std::string result;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '%') {
      result += part[i];
      continue;
    }
    const auto byte = hex_decode(part.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    result += *byte;
    i += 2;
  }
  const bool plain =
      !result.empty() && result != "." && result != ".." && result.find('/') == std::string::npos && result.find('\0') == std::string::npos;
  return plain ? std::optional(std::move(result)) : std::nullopt;
}

/// A file that the engine kept, below the folder that is packed.
struct Found {
  std::string path;  // in the archive
  std::string file;  // on disk
  StateKind kind;
};

/// Collects regular files below an open folder; links and everything else that is neither file nor folder are left out.
Outcome<> collect(MemoryFile folder, const std::string& path, const std::string& file, StateKind kind, std::vector<Found>& found) {
  const std::unique_ptr<DIR, CloseList> list(fdopendir(folder.descriptor()));
  if (!list) return failed("a folder of the browser cannot be read");
  folder.release();  // the list's now
  while (const dirent* entry = readdir(list.get())) {
    const std::string name = entry->d_name;
    struct stat facts {};
    const bool readable = fstatat(dirfd(list.get()), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
    if (name == "." || name == ".." || !readable || facts.st_uid != geteuid()) continue;
    std::string below = path + "/" + archive_name(name);
    if (!is_state_path(below)) continue;                      // hosts of endless length: the page's loss, not the profile's
    if (S_ISREG(facts.st_mode) && !name.ends_with("-shm")) {  // SQLite makes that anew
      found.push_back(Found{std::move(below), file + "/" + name, kind});
    } else if (S_ISDIR(facts.st_mode)) {
      MemoryFile next(openat(dirfd(list.get()), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!next) return failed("a folder of the browser cannot be opened");
      Outcome<> done = collect(std::move(next), below, file + "/" + name, kind, found);
      if (!done) return done;
    }
  }
  return Done();
}

Outcome<> collect_part(const std::string& directory, const Part& part, std::vector<Found>& found) {
  const std::string file = directory + "/" + std::string(part.path);
  struct stat facts {};
  if (lstat(file.c_str(), &facts) != 0) return Done();
  if (S_ISREG(facts.st_mode)) found.push_back(Found{std::string(part.path), file, part.kind});
  if (!S_ISDIR(facts.st_mode)) return Done();
  MemoryFile folder(open(file.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return failed("a folder of the browser cannot be opened");
  return collect(std::move(folder), std::string(part.path), file, part.kind, found);
}

/// Makes the folders of a path below `directory` and the file in the last of them.
Outcome<MemoryFile> make_file(const std::string& directory, std::string_view path) {
  std::string file = directory;
  for (;;) {
    const std::size_t end = path.find('/');
    const std::optional<std::string> name = file_name(path.substr(0, end));
    if (!name) return failure(FailureCode::bad_request, "the state has a file name that cannot be");
    file += "/" + *name;
    if (end == std::string_view::npos) break;
    if (mkdir(file.c_str(), kPrivateFolder) != 0 && errno != EEXIST) return failed("a folder of the browser cannot be made");
    path.remove_prefix(end + 1);
  }
  MemoryFile made(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kPrivateFile));
  if (!made) return failed("a file of the browser cannot be made");
  return made;
}

Outcome<> unpack_entry(const MemoryFile& archive, const StateEntry& entry, const std::string& directory) {
  Outcome<MemoryFile> file = make_file(directory, entry.path);
  if (!file) return std::move(file.failure());
  std::vector<char> piece(kPieceBytes);
  for (std::int64_t done = 0; done < entry.size;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(entry.size - done, kPieceBytes));
    const std::int64_t got = archive.read_at(entry.offset + done, std::span(piece.data(), wanted));
    if (got <= 0) return failure(FailureCode::internal, "the state cannot be read");
    if (auto added = file->append(std::string_view(piece.data(), static_cast<std::size_t>(got))); !added) return failed(added.error());
    done += got;
  }
  return Done();
}

}  // namespace

Outcome<> unpack_engine_files(const MemoryFile& archive, const std::vector<StateEntry>& entries, const std::string& directory) {
  for (const StateEntry& entry : entries) {
    const bool ours = std::any_of(kParts.begin(), kParts.end(), [&](const Part& part) { return is_within(entry.path, part.path); });
    if (!ours) continue;
    Outcome<> done = unpack_entry(archive, entry, directory);
    if (!done) return done;
  }
  return Done();
}

Outcome<> pack_engine_files(const std::string& directory, StateArchiveWriter& archive) {
  std::vector<Found> found;
  for (const Part& part : kParts) {
    Outcome<> collected = collect_part(directory, part, found);
    if (!collected) return collected;
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.path < b.path; });
  for (const Found& one : found) {
    const MemoryFile file(open(one.file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) return failed("a file of the browser cannot be read");
    auto added = archive.add_from(one.path, one.kind, file.descriptor(), 0, file.size());
    if (!added) return failed(added.error());
  }
  return Done();
}

}  // namespace driftstack::browser_webkit

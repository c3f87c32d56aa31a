#include "driftstack/support/state_archive.hpp"

#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace driftstack {
namespace {

constexpr std::string_view kMagic = "DSSTATE1";
constexpr char kEnd = 0;
constexpr std::size_t kHeadBytes = 1 + 2 + 8;
constexpr std::size_t kEndBytes = 1 + 4;

Error broken(const char* what) { return Error(Errc::bad_request, std::string("no state archive: ") + what); }

template <class Number>
void put(std::string& out, Number number) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
}

template <class Number>
Number take(const char* at) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) number |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  return static_cast<Number>(number);
}

bool is_path_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._%+=@-").find(c) != std::string_view::npos;
}

/// Reads exactly that much, or nothing.
bool read_exactly(const MemoryFile& file, std::int64_t offset, std::span<char> out) {
  return file.read_at(offset, out) == static_cast<std::int64_t>(out.size());
}

/// Reads one entry's head and path at `offset`; what is there must fit before `end`.
Result<StateEntry> read_entry(const MemoryFile& file, std::int64_t offset, std::int64_t end) {
  std::array<char, kHeadBytes> head;
  if (offset + static_cast<std::int64_t>(head.size()) > end || !read_exactly(file, offset, head)) return broken("it ends early");
  StateEntry entry;
  if (head[0] != static_cast<char>(StateKind::kept) && head[0] != static_cast<char>(StateKind::refetchable))
    return broken("unknown kind of entry");
  entry.kind = static_cast<StateKind>(head[0]);
  const auto path_length = take<std::uint16_t>(&head[1]);
  const auto size = take<std::uint64_t>(&head[3]);
  if (path_length == 0 || path_length > kMostStatePath) return broken("a path is too long");
  entry.path.resize(path_length);
  entry.offset = offset + static_cast<std::int64_t>(kHeadBytes) + path_length;
  if (entry.offset > end || !read_exactly(file, offset + static_cast<std::int64_t>(kHeadBytes), entry.path)) return broken("it ends early");
  if (!is_state_path(entry.path)) return broken("a path is not allowed");
  if (size > static_cast<std::uint64_t>(end - entry.offset)) return broken("an entry is larger than the archive");
  entry.size = static_cast<std::int64_t>(size);
  return entry;
}

}  // namespace

bool is_state_path(std::string_view path) noexcept {
  if (path.empty() || path.size() > kMostStatePath) return false;
  std::size_t parts = 1;
  char before = '/';
  for (const char c : path) {
    if (c == '/') ++parts;
    const bool begins_part = before == '/';
    if (begins_part && (c == '.' || c == '/')) return false;
    if (c != '/' && !is_path_character(c)) return false;
    before = c;
  }
  return before != '/' && parts <= kMostStateDepth;
}

Result<std::vector<StateEntry>> read_state_archive(const MemoryFile& archive) {
  const std::int64_t size = archive.size();
  if (size > kMostStateArchiveBytes) return broken("it is too large");
  std::array<char, kMagic.size()> magic;
  if (!read_exactly(archive, 0, magic) || std::string_view(magic.data(), magic.size()) != kMagic)
    return broken("it begins with something else");
  std::vector<StateEntry> entries;
  const std::int64_t end = size - static_cast<std::int64_t>(kEndBytes);
  std::int64_t at = kMagic.size();
  while (at < end) {
    if (entries.size() == kMostStateEntries) return broken("it has too many entries");
    auto entry = read_entry(archive, at, end);
    if (!entry) return std::move(entry).error();
    if (!entries.empty() && entry->path <= entries.back().path) return broken("its paths do not ascend");
    at = entry->offset + entry->size;
    entries.push_back(std::move(*entry));
  }
  std::array<char, kEndBytes> tail;
  const bool ends = at == end && read_exactly(archive, at, tail) && tail[0] == kEnd && take<std::uint32_t>(&tail[1]) == entries.size();
  if (!ends) return broken("its end is wrong");
  return entries;
}

Result<std::string> read_state_entry(const MemoryFile& archive, const StateEntry& entry) {
  std::string content(static_cast<std::size_t>(entry.size), '\0');
  if (!read_exactly(archive, entry.offset, content)) return broken("it ends early");
  return content;
}

Result<StateArchiveWriter> StateArchiveWriter::begin() {
  auto file = MemoryFile::create();
  if (!file) return std::move(file).error();
  StateArchiveWriter writer(std::move(*file));
  if (auto begun = writer.file_.append(kMagic); !begun) return std::move(begun).error();
  writer.size_ = kMagic.size();
  return writer;
}

Result<> StateArchiveWriter::begin_entry(std::string_view path, StateKind kind, std::int64_t size) {
  if (!is_state_path(path) || size < 0 || (entries_ > 0 && path <= last_path_)) {
    return Error(Errc::bad_request, "a state archive cannot hold this entry here: " + std::string(path.substr(0, kMostStatePath)));
  }
  const std::int64_t after = size_ + static_cast<std::int64_t>(kHeadBytes + path.size() + kEndBytes);
  if (entries_ == kMostStateEntries || size > kMostStateArchiveBytes - after) {
    return Error(Errc::payload_too_large, "the browser's state is too large to be kept");
  }
  std::string head(1, static_cast<char>(kind));
  put(head, static_cast<std::uint16_t>(path.size()));
  put(head, static_cast<std::uint64_t>(size));
  head += path;
  size_ += static_cast<std::int64_t>(head.size()) + size;
  last_path_ = path;
  ++entries_;
  return file_.append(head);
}

Result<> StateArchiveWriter::add(std::string_view path, StateKind kind, std::string_view content) {
  auto begun = begin_entry(path, kind, static_cast<std::int64_t>(content.size()));
  if (!begun) return begun;
  return file_.append(content);
}

Result<> StateArchiveWriter::add_from(std::string_view path, StateKind kind, int descriptor, std::int64_t offset, std::int64_t size) {
  auto begun = begin_entry(path, kind, size);
  if (!begun) return begun;
  if (lseek(file_.descriptor(), 0, SEEK_END) < 0) return Error(Errc::unavailable, "a file in memory cannot be written");
  off_t from = offset;
  while (size > 0) {
    const ssize_t sent = sendfile(file_.descriptor(), descriptor, &from, static_cast<std::size_t>(size));
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return Error(Errc::unavailable, std::string("a file cannot be copied: ") + std::strerror(errno));
    if (sent == 0) return Error(Errc::bad_request, "a file became shorter while it was read");
    size -= sent;
  }
  return Done();
}

Result<MemoryFile> StateArchiveWriter::finish() {
  std::string end(1, kEnd);
  put(end, entries_);
  if (auto ended = file_.append(end); !ended) return std::move(ended).error();
  if (auto sealed = file_.seal(); !sealed) return std::move(sealed).error();
  return std::move(file_);
}

Result<MemoryFile> trim_state_archive(const MemoryFile& archive) {
  auto entries = read_state_archive(archive);
  if (!entries) return std::move(entries).error();
  auto writer = StateArchiveWriter::begin();
  if (!writer) return std::move(writer).error();
  for (const StateEntry& entry : *entries) {
    if (entry.kind == StateKind::refetchable) continue;
    auto added = writer->add_from(entry.path, entry.kind, archive.descriptor(), entry.offset, entry.size);
    if (!added) return std::move(added).error();
  }
  return writer->finish();
}

}  // namespace driftstack

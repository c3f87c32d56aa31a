/// The state of a browser in one flat file: how profiles travel between a browser backend and whoever keeps them.
///
/// Purpose: an own format, because it can say no more than needed: regular files with a name and bytes. No links, owners, modes, times,
/// devices; nothing in it can point out of the folder that it is unpacked to. Layout, all numbers little-endian:
///
///     "DSSTATE1"
///     entry:  kind (1 byte: 1 kept, 2 refetchable) | length of path (2) | size (8) | path | content
///     end:    0 (1 byte) | number of entries (4)        and nothing behind it
///
/// Paths are relative, of the characters `A-Z a-z 0-9 . _ % + = @ -` and `/`, no part empty or beginning with a dot, at most
/// kMostStateDepth parts, strictly ascending: so there are no duplicates. Ownership: entries own their texts. Thread: one owner.
/// Errors: bad_request (no such archive, or beyond a bound), payload_too_large (writing beyond kMostStateBytes), unavailable (memory).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/result.hpp"
#include "driftstack/support/memory_file.hpp"

namespace driftstack {

inline constexpr std::int64_t kMostStateArchiveBytes = std::int64_t{256} << 20;  // sessions.md 7.1
inline constexpr std::size_t kMostStateEntries = 20'000;                         // a busy profile has some hundred
inline constexpr std::size_t kMostStateDepth = 12;                               // the engine's deepest has eight
inline constexpr std::size_t kMostStatePath = 512;

enum class StateKind : std::uint8_t {
  kept = 1,         ///< what the profile is about
  refetchable = 2,  ///< caches; trimming a profile drops them
};

/// An entry where it lies in its archive.
struct StateEntry {
  std::string path;
  StateKind kind = StateKind::kept;
  std::int64_t offset = 0;  ///< of the content
  std::int64_t size = 0;    ///< of the content, bytes
};

[[nodiscard]] bool is_state_path(std::string_view path) noexcept;

/// Reads the whole table of contents and checks every rule above. Reads no content.
Result<std::vector<StateEntry>> read_state_archive(const MemoryFile& archive);

/// The content of an entry. For small ones.
Result<std::string> read_state_entry(const MemoryFile& archive, const StateEntry& entry);

/// Puts an archive together; entries in ascending order of their paths.
class StateArchiveWriter {
 public:
  static Result<StateArchiveWriter> begin();

  Result<> add(std::string_view path, StateKind kind, std::string_view content);
  /// `size` bytes of a descriptor from an offset on; bad_request when there are fewer.
  Result<> add_from(std::string_view path, StateKind kind, int descriptor, std::int64_t offset, std::int64_t size);
  /// The sealed archive; the writer is of no more use.
  Result<MemoryFile> finish();

 private:
  explicit StateArchiveWriter(MemoryFile file) noexcept : file_(std::move(file)) {}
  Result<> begin_entry(std::string_view path, StateKind kind, std::int64_t size);

  MemoryFile file_;
  std::string last_path_;
  std::uint32_t entries_ = 0;
  std::int64_t size_ = 0;
};

/// The same archive without its refetchable entries.
Result<MemoryFile> trim_state_archive(const MemoryFile& archive);

}  // namespace driftstack

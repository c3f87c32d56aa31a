/// A file without a name that lives in memory: how big things travel beside a message.
///
/// Purpose: browser state of up to 256 MiB goes from plugin to plugin, and on to other processes (SCM_RIGHTS), without a copy in a string
/// and without touching a disk. Ownership: one owner per descriptor; the memory lives while any descriptor of it does. A sealed file can
/// never change again, so who checked it may rely on it. Thread: one owner; sealed files may be read by several threads.
/// Errors: unavailable (memory or descriptors are short).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "driftstack/result.hpp"

namespace driftstack {

class MemoryFile {
 public:
  /// No file.
  MemoryFile() noexcept = default;
  /// Takes the descriptor over.
  explicit MemoryFile(int descriptor) noexcept : descriptor_(descriptor) {}
  MemoryFile(MemoryFile&& other) noexcept : descriptor_(other.release()) {}
  MemoryFile& operator=(MemoryFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile();

  /// An empty file that can be written and sealed. Closed on exec.
  static Result<MemoryFile> create();
  /// A sealed file with this content.
  static Result<MemoryFile> of(std::string_view content);

  explicit operator bool() const noexcept { return descriptor_ >= 0; }
  /// Stays with this object.
  int descriptor() const noexcept { return descriptor_; }
  /// The caller's from now on.
  int release() noexcept { return std::exchange(descriptor_, -1); }

  /// Bytes in it; 0 without a file.
  std::int64_t size() const noexcept;
  /// Adds to the end.
  Result<> append(std::string_view bytes);
  /// Fills `out` from an offset; answers how much was there. A negative number means that reading failed.
  std::int64_t read_at(std::int64_t offset, std::span<char> out) const noexcept;
  /// The whole content. For small files.
  Result<std::string> content() const;

  /// From now on nobody can change it.
  Result<> seal();
  /// False also for anything that is no memory: a pipe, or a file of some other file system, which could block its reader or change.
  bool is_sealed() const noexcept;
  /// A second descriptor of the same memory.
  Result<MemoryFile> duplicate() const;

 private:
  int descriptor_ = -1;
};

}  // namespace driftstack

#pragma once

#include <string>

#include "driftstack/result.hpp"

namespace driftstack::database_sqlite {

/// `exclusive`: one server owns the store. `beside`: a command-line tool works beside that server; SQLite's own locks order the writes.
enum class Sharing { exclusive, beside };

/// The database file as a file: made private and durable, and held so that no second server opens it. The lock ends with the process.
class StoreFile {
 public:
  StoreFile() = default;
  ~StoreFile();
  StoreFile(const StoreFile&) = delete;
  StoreFile& operator=(const StoreFile&) = delete;

  /// Creates the file (mode 0600) and its directory entry if it does not exist, and locks it unless it is shared. Errc::unavailable says
  /// who is in the way.
  Result<> acquire(const std::string& path, Sharing sharing);
  /// Call after the last SQLite connection is closed: closing the descriptor drops SQLite's own locks, too.
  void release() noexcept;

 private:
  int descriptor_ = -1;
};

}  // namespace driftstack::database_sqlite

#pragma once
// The folder that holds everything a server keeps.

#include <filesystem>
#include <string>

#include "driftstack/result.hpp"

namespace driftstack::kernel {

/// Names of our own files in the folder that are no data: a folder that holds only these is still empty.
inline constexpr std::string_view kServerLock = "server.lock";

/// Makes the folder with mode 0700 when it is missing, and checks that nobody else can write to it. Answers its absolute path.
Result<std::filesystem::path> prepare_data_directory(const std::filesystem::path& folder);

/// The exclusive claim of one serving process on its data; the system drops it when the process ends, however it ends.
class ServerLock {
 public:
  /// Errc::conflict when another server holds it.
  static Result<ServerLock> acquire(const std::filesystem::path& folder);
  ServerLock(ServerLock&& other) noexcept;
  ServerLock& operator=(ServerLock&&) = delete;
  ~ServerLock();

 private:
  explicit ServerLock(int descriptor) noexcept : descriptor_(descriptor) {}
  int descriptor_;
};

/// The name of this server among those on one database: made once, kept in `node.id`. A copied folder would give two servers one name.
Result<std::string> node_id(const std::filesystem::path& folder);

/// Writes a file of mode 0600 so that it is whole or absent after a crash: new file, sync, rename, sync of the folder.
Result<> write_private_file(const std::filesystem::path& file, std::string_view content);

}  // namespace driftstack::kernel

#pragma once
// The sealed files of the vault: one per profile and revision, in one private folder, under names that the server made. Blocks. [worker]

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "driftstack/result.hpp"
#include "driftstack/support/memory_file.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack::sessions {

/// `<profile>-<revision>.state`
[[nodiscard]] std::string state_file_name(const Uuid& profile, std::int64_t revision);

class StateFiles {
 public:
  explicit StateFiles(std::string directory) : directory_(std::move(directory)) {}

  /// Makes the folder, 0700.
  Result<> prepare() const;
  /// New file, `fill`, sync, rename, sync of the folder: under its name there is the whole file or none. Answers its bytes.
  Result<std::int64_t> write(const std::string& name, const std::function<Result<>(int output)>& fill) const;
  /// `take` reads from it. Errc::internal when there is no such regular file of ours.
  Result<MemoryFile> read(const std::string& name, const std::function<Result<MemoryFile>(int input)>& take) const;
  /// Ok when there is none.
  Result<> remove(const std::string& name) const;
  /// All files of a profile.
  Result<> remove_all_of(const Uuid& profile) const;
  /// Everything but these names.
  Result<> remove_all_but(const std::set<std::string>& names) const;

 private:
  Result<> remove_where(const std::function<bool(const std::string& name)>& condition) const;
  std::string directory_;
};

}  // namespace driftstack::sessions

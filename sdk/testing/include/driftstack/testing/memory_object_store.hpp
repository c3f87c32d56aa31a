#pragma once
// An object store in memory.

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/roles/object_store.hpp"

namespace driftstack::testing {

/// Whether presign answers a URL (that nobody serves) or feature_unavailable.
enum class Urls { no, yes };

/// Keeps the contract of object.store/1. [any-thread]
///
///   MemoryObjectStore objects(Urls::no);
///   objects.trouble = [](std::string_view command) { return command == "put" ? std::optional(Error(Errc::unavailable, "full")) :
///   std::nullopt; };
class MemoryObjectStore final : public objects::Store {
 public:
  explicit MemoryObjectStore(Urls urls = Urls::no) : urls_(urls) {}

  /// Asked before each command: `put`, `get`, `head`, `remove`, `list`, `presign`. Set it while no command runs.
  std::function<std::optional<Error>(std::string_view command)> trouble;

  std::vector<std::string> keys() const;
  /// Changes a stored object behind the store's back; false when there is none.
  bool damage(std::string_view key);

  AsyncResult<objects::Info> put(const Call& call, objects::Put message) override;
  AsyncResult<objects::Got> get(const Call& call, objects::Get message) override;
  AsyncResult<objects::Info> head(const Call& call, objects::Head message) override;
  AsyncResult<> remove(const Call& call, objects::Remove message) override;
  AsyncResult<objects::Listing> list(const Call& call, objects::List message) override;
  bool can_presign() const noexcept override { return urls_ == Urls::yes; }
  AsyncResult<objects::Presigned> presign(const Call& call, objects::Presign message) override;

 private:
  struct Object {
    objects::Info info;
    std::string bytes;
  };
  std::optional<Error> refused(std::string_view command, const Call& call) const;

  const Urls urls_;
  mutable std::mutex mutex_;
  std::map<std::string, Object, std::less<>> objects_;
};

/// SHA-256 of some bytes as 64 hexadecimal digits; slow, for tests.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace driftstack::testing

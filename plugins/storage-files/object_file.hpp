#pragma once
// What stands in the file of an object: one line of sizes, the sealed description, the sealed bytes.

#include <cstdint>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"
#include "driftstack/roles/object_store.hpp"
#include "object_folder.hpp"

namespace driftstack::storage_files {

/// Seals and opens objects. Description and bytes are bound to the key, the bytes also to their digest, so that no file passes for another.
/// [any-thread]
class ObjectCodec {
 public:
  explicit ObjectCodec(Secrets& secrets) noexcept : secrets_(secrets) {}

  struct Sealed {
    std::string head, body;
  };
  /// `info` says all but the digest and the size, which are filled in.
  Result<Sealed> seal(objects::Info& info, std::string_view bytes) const;

  /// Errc::internal for a file that is not what was written for this key.
  Result<objects::Info> open_info(const Descriptor& file, std::string_view key) const;
  Result<objects::Got> open_object(const Descriptor& file, std::string_view key) const;
  /// The size that the first line claims; for lists.
  static Result<std::int64_t> claimed_size(const Descriptor& file);

 private:
  Secrets& secrets_;
};

}  // namespace driftstack::storage_files

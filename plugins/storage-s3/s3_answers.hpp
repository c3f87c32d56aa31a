#pragma once
// What an S3 store writes as XML.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/result.hpp"

namespace driftstack::storage_s3 {

/// One page of ListObjectsV2. Keys as the store has them, the operator's prefix included.
struct ListedPage {
  struct Object {
    std::string key;
    std::int64_t byte_size = 0;
  };
  std::vector<Object> objects;
  bool truncated = false;
  std::string next;  ///< continuation token; there when truncated
};

/// Errc::unavailable for anything that is not that document. All [any-thread].
Result<ListedPage> read_listing(std::string_view xml);
/// The id of a multipart upload that was begun.
Result<std::string> read_upload_id(std::string_view xml);
/// Whether a multipart upload was completed: a store may answer 200 first and an error document then.
bool is_completed(std::string_view xml);
/// `SlowDown`, `NoSuchBucket`...; empty when the text is no error document or the code no plain word.
std::string read_error_code(std::string_view xml);

}  // namespace driftstack::storage_s3

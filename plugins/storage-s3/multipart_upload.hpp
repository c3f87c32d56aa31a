#pragma once
// A big object in parts: begun, sent, completed; or given up, so that the store keeps no parts.

#include <string>
#include <string_view>
#include <vector>

#include "s3_client.hpp"

namespace driftstack::storage_s3 {

/// One upload. The object is there when `run` answers, and not before. [io-thread]
class MultipartUpload {
 public:
  /// `begin` is the POST that names key and headers; `bytes` outlives this.
  MultipartUpload(Host& host, S3Client& client, S3Request begin, std::string_view bytes, std::size_t part_size)
      : host_(host), client_(client), begin_(std::move(begin)), bytes_(bytes), part_size_(part_size) {}

  /// Answers the response that began the upload.
  AsyncResult<OutboundResponse> run(const Call& call);

 private:
  AsyncResult<> send_parts(const Call& call);
  AsyncResult<> complete(const Call& call);
  AsyncResult<> give_up(const Call& call);

  Host& host_;
  S3Client& client_;
  S3Request begin_;
  std::string_view bytes_;
  std::size_t part_size_;
  std::string id_;
  std::vector<std::string> tags_;  // the store's name of each part
};

}  // namespace driftstack::storage_s3

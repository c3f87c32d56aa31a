#pragma once
// The role on a bucket: checks the message, speaks S3, checks what came back.

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"
#include "driftstack/roles/object_store.hpp"
#include "s3_answers.hpp"
#include "s3_client.hpp"

namespace driftstack::storage_s3 {

struct S3Options {
  std::string prefix;  ///< of every key; empty or ends with a slash
  bool encrypt = true;
  std::size_t part_size = std::size_t{16} << 20;
};

class S3Store final : public objects::Store {
 public:
  /// `links` is the address that customers see in links.
  S3Store(Host& host, S3Client client, BucketAddress links, S3Options options)
      : host_(host), client_(std::move(client)), links_(std::move(links)), options_(std::move(options)) {}

  /// Errc::forbidden when strangers may list the bucket. A store that is away is only logged. [io-thread]
  AsyncResult<> look(const Call& call);

  AsyncResult<objects::Info> put(const Call& call, objects::Put message) override;
  AsyncResult<objects::Got> get(const Call& call, objects::Get message) override;
  AsyncResult<objects::Info> head(const Call& call, objects::Head message) override;
  AsyncResult<> remove(const Call& call, objects::Remove message) override;
  AsyncResult<objects::Listing> list(const Call& call, objects::List message) override;
  bool can_presign() const noexcept override { return true; }
  AsyncResult<objects::Presigned> presign(const Call& call, objects::Presign message) override;

 private:
  S3Request request(std::string method, std::string_view key) const;
  S3Request list_request(std::int32_t limit) const;
  AsyncResult<OutboundResponse> put_whole(const Call& call, S3Request request, const std::string& bytes);
  AsyncResult<OutboundResponse> put_parts(const Call& call, S3Request request, const std::string& bytes, const objects::Info& info);
  AsyncResult<objects::Got> get_whole(const Call& call, std::string key);
  AsyncResult<objects::Got> get_range(const Call& call, const objects::Get& message);
  AsyncResult<ListedPage> list_page(const Call& call, const S3Request& request);
  void check_encryption(const OutboundResponse& response);

  Host& host_;
  S3Client client_;
  BucketAddress links_;
  S3Options options_;
  std::atomic<bool> told_unencrypted_{false};
};

}  // namespace driftstack::storage_s3

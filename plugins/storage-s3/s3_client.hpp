#pragma once
// One request to the bucket: signed, sent, tried again.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bucket_address.hpp"
#include "driftstack/host.hpp"
#include "signature_v4.hpp"

namespace driftstack::storage_s3 {

/// Waiting between attempts: a random time below `first_pause` doubled with each attempt, up to `longest_pause`.
struct RetryPolicy {
  std::int64_t attempts = 4;
  std::chrono::milliseconds first_pause{200};
  std::chrono::milliseconds longest_pause{5'000};
};

struct S3Request {
  explicit S3Request(std::string method) : method(std::move(method)) {}
  std::string method;
  std::string key;  ///< with the operator's prefix; empty for the bucket
  Query query;
  std::vector<Header> headers;  ///< names in lower case, without those of the signature
  std::string_view body;        ///< outlives the exchange
  std::size_t response_limit = std::size_t{64} << 10;
};

/// The header's value, or empty. Names are compared without case.
[[nodiscard]] std::string_view header_of(const OutboundResponse& response, std::string_view name);

/// [io-thread]
class S3Client {
 public:
  S3Client(Host& host, BucketAddress address, SignatureV4 signer, RetryPolicy retry)
      : host_(host), address_(std::move(address)), signer_(std::move(signer)), retry_(retry) {}

  /// Answers 2xx, 404 and 416. Everything else is Errc::unavailable (logged, with the store's own code), Errc::timeout or Errc::cancelled.
  AsyncResult<OutboundResponse> send(const Call& call, const S3Request& request);
  /// Once, without a signature: what a stranger gets.
  AsyncResult<OutboundResponse> send_unsigned(const Call& call, const S3Request& request);

  const SignatureV4& signer() const noexcept { return signer_; }

 private:
  OutboundRequest sign(const S3Request& request, const std::string& body_hash) const;
  AsyncResult<OutboundResponse> send_once(const Call& call, const S3Request& request, const std::string& body_hash);
  Result<OutboundResponse> judge(const S3Request& request, Result<OutboundResponse> answer) const;
  std::chrono::milliseconds pause_before(std::int64_t attempt) const;

  Host& host_;
  BucketAddress address_;
  SignatureV4 signer_;
  RetryPolicy retry_;
};

}  // namespace driftstack::storage_s3

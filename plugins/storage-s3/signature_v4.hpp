#pragma once
// AWS Signature Version 4 for S3: who sends a request, and that nobody changed it on the way.
//
// Sources: "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API reference, header and query form.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/header.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::storage_s3 {

/// Parameters of a URL, not encoded.
using Query = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

/// Percent-encodes all but the unreserved characters of RFC 3986; slashes stay where a path is meant.
enum class Slashes { keep, encode };
[[nodiscard]] std::string uri_encode(std::string_view text, Slashes slashes = Slashes::encode);
/// Sorted and encoded, as it is signed and as it is sent.
[[nodiscard]] std::string canonical_query(const Query& query);
/// `20130524T000000Z`.
[[nodiscard]] std::string amz_time(std::int64_t unix_micros);

/// A request as it is signed.
struct SignedRequest {
  std::string method;
  std::string path;  ///< encoded, from the root of the host
  Query query;
  std::vector<Header> headers;  ///< names in lower case; all of them are signed, `host` among them
  std::string payload_hash;     ///< SHA-256 in hexadecimal, or kUnsignedPayload
};

/// Signs for one key and one region. [any-thread]
class SignatureV4 {
 public:
  SignatureV4(std::string access_key_id, SecretText secret, std::string region)
      : access_key_id_(std::move(access_key_id)), secret_(std::move(secret)), region_(std::move(region)) {}

  /// The value of the header `authorization`. The request holds `x-amz-date` = `time` and `x-amz-content-sha256` already.
  std::string authorization(const SignedRequest& request, std::string_view time) const;

  /// The query of a URL that carries its signature; the request's own parameters stay. The request signs `host` alone.
  std::string presigned_query(SignedRequest request, std::string_view time, std::int64_t seconds) const;

 private:
  std::string scope(std::string_view time) const;
  std::string signature(const SignedRequest& request, std::string_view signed_headers, std::string_view time) const;

  std::string access_key_id_;
  SecretText secret_;
  std::string region_;
};

}  // namespace driftstack::storage_s3

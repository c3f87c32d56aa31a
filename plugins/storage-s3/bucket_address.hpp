#pragma once
// Where a bucket and its objects are: in the path of the endpoint, or as a host of their own.

#include <string>
#include <string_view>

#include "driftstack/result.hpp"

namespace driftstack::storage_s3 {

enum class Addressing { path, host };

/// `http` and `https` hosts, an optional port, nothing behind it. [any-thread]
class BucketAddress {
 public:
  /// Errc::bad_request that says what is wrong, without the setting's name.
  static Result<BucketAddress> parse(std::string_view endpoint, std::string_view bucket, Addressing addressing);

  /// As the header `host` carries it: no default port.
  const std::string& host() const noexcept { return host_; }
  /// Encoded path of an object; of the bucket for an empty key.
  std::string path(std::string_view key) const;
  /// `query` is encoded; may be empty.
  std::string url(std::string_view key, std::string_view query) const;

 private:
  BucketAddress(std::string scheme, std::string host, std::string root)
      : scheme_(std::move(scheme)), host_(std::move(host)), root_(std::move(root)) {}

  std::string scheme_, host_, root_;
};

}  // namespace driftstack::storage_s3

#include "bucket_address.hpp"

#include <catch2/catch.hpp>

namespace driftstack::storage_s3 {
namespace {

TEST_CASE("a bucket stands in the path or in front of the host, and default ports are not shown") {
  struct Row {
    const char* endpoint;
    Addressing addressing;
    const char *host, *url;
  };
  const auto row = GENERATE(values<Row>({
      {"https://s3.example.com", Addressing::path, "s3.example.com", "https://s3.example.com/my-box/a/b?x=1"},
      {"HTTPS://S3.Example.com:443/", Addressing::path, "s3.example.com", "https://s3.example.com/my-box/a/b?x=1"},
      {"http://10.0.0.5:9000", Addressing::path, "10.0.0.5:9000", "http://10.0.0.5:9000/my-box/a/b?x=1"},
      {"http://[::1]:9000/", Addressing::path, "[::1]:9000", "http://[::1]:9000/my-box/a/b?x=1"},
      {"http://[::1]", Addressing::path, "[::1]", "http://[::1]/my-box/a/b?x=1"},
      {"https://s3.example.com:8443", Addressing::host, "my-box.s3.example.com:8443", "https://my-box.s3.example.com:8443/a/b?x=1"},
  }));
  INFO(row.endpoint);
  const auto address = BucketAddress::parse(row.endpoint, "my-box", row.addressing);
  REQUIRE(address);
  CHECK(address->host() == row.host);
  CHECK(address->url("a/b", "x=1") == row.url);
}

TEST_CASE("the bucket itself has a path of its own in both styles") {
  CHECK(BucketAddress::parse("https://s3.example.com", "box", Addressing::path)->path("") == "/box");
  CHECK(BucketAddress::parse("https://s3.example.com", "box", Addressing::host)->path("") == "/");
}

TEST_CASE("what is no endpoint or no bucket is refused") {
  for (const char* endpoint :
       {"", "s3.example.com", "ftp://s3.example.com", "https://", "https://user@s3.example.com", "https://s3.example.com/path",
        "https://s3.example.com?x", "https://s3.example.com#x", "https://s3.example.com:", "https://s3.example.com:0",
        "https://s3.example.com:65536", "https://s3.example.com:80x", "https://[::1", "https://s3 .example.com"}) {
    INFO(endpoint);
    CHECK_FALSE(BucketAddress::parse(endpoint, "box", Addressing::path));
  }
  for (const char* bucket : {"", "ab", "Box", "a_b", "-box", "box-", "a..b", "a/b", "box%2f"}) {
    INFO(bucket);
    CHECK_FALSE(BucketAddress::parse("https://s3.example.com", bucket, Addressing::path));
  }
  CHECK_FALSE(BucketAddress::parse("http://[::1]:9000", "box", Addressing::host));
}

}  // namespace
}  // namespace driftstack::storage_s3

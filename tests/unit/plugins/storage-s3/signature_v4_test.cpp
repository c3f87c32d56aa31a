#include "signature_v4.hpp"

#include <catch2/catch.hpp>

#include "digest.hpp"

namespace driftstack::storage_s3 {
namespace {

// The worked examples of the Amazon S3 API reference ("Signature Calculations for the Authorization Header", "Using Query Parameters").
constexpr std::string_view kTime = "20130524T000000Z";
constexpr const char* kHost = "examplebucket.s3.amazonaws.com";

SignatureV4 example_signer() {
  return SignatureV4("AKIAIOSFODNN7EXAMPLE", SecretText("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "us-east-1");
}

struct Example {
  const char *method, *path;
  Query query;
  std::vector<Header> headers;
  const char *body, *signed_headers, *signature;
};

TEST_CASE("the worked examples of the S3 reference get the signatures that stand there") {
  const auto example = GENERATE(values<Example>({
      {"GET",
       "/test.txt",
       {},
       {{"range", "bytes=0-9"}},
       "",
       "host;range;x-amz-content-sha256;x-amz-date",
       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {"PUT",
       "/test%24file.text",
       {},
       {{"x-amz-storage-class", "REDUCED_REDUNDANCY"}, {"date", "Fri, 24 May 2013 00:00:00 GMT"}},
       "Welcome to Amazon S3.",
       "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {"GET",
       "/",
       {{"lifecycle", ""}},
       {},
       "",
       "host;x-amz-content-sha256;x-amz-date",
       "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {"GET",
       "/",
       {{"prefix", "J"}, {"max-keys", "2"}},
       {},
       "",
       "host;x-amz-content-sha256;x-amz-date",
       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
  }));
  SignedRequest request;
  request.method = example.method;
  request.path = example.path;
  request.query = example.query;
  request.headers = example.headers;
  request.payload_hash = sha256_hex(example.body);
  request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
  request.headers.emplace_back("x-amz-date", std::string(kTime));
  request.headers.emplace_back("host", kHost);
  CHECK(example_signer().authorization(request, kTime) ==
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
            std::string(example.signed_headers) + ",Signature=" + example.signature);
}

TEST_CASE("the worked example of a presigned URL gets the query that stands there") {
  SignedRequest request;
  request.method = "GET";
  request.path = "/test.txt";
  request.headers.emplace_back("host", kHost);
  request.payload_hash = kUnsignedPayload;
  CHECK(example_signer().presigned_query(request, kTime, 86400) ==
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST_CASE("times are written in UTC, leap days included") {
  CHECK(amz_time(0) == "19700101T000000Z");
  CHECK(amz_time(1'369'353'600'000'000) == kTime);
  CHECK(amz_time(1'709'251'199'999'999) == "20240229T235959Z");
}

TEST_CASE("everything but unreserved characters is percent-encoded, and slashes where they are no separators") {
  CHECK(uri_encode("aZ09-._~") == "aZ09-._~");
  CHECK(uri_encode("a/b c+\xc3\xa9=&") == "a%2Fb%20c%2B%C3%A9%3D%26");
  CHECK(uri_encode("a/b c", Slashes::keep) == "a/b%20c");
  CHECK(canonical_query({{"b", "1"}, {"a", "x y"}, {"a-", ""}}) == "a-=&a=x%20y&b=1");
}

}  // namespace
}  // namespace driftstack::storage_s3

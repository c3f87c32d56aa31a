#include "s3_answers.hpp"

#include <catch2/catch.hpp>

namespace driftstack::storage_s3 {
namespace {

TEST_CASE("a page of a listing is read whatever stands around the keys") {
  const auto page = read_listing(R"(<?xml version="1.0" encoding="UTF-8"?>
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>box</Name><Prefix></Prefix><IsTruncated>true</IsTruncated>
      <NextContinuationToken>1/a&amp;b=</NextContinuationToken>
      <Contents><Size>3</Size><Owner><ID>x</ID></Owner><Key>a/b</Key></Contents>
      <Contents><Key>c&lt;&#x20;&gt;</Key><Size>0</Size></Contents><CommonPrefixes><Prefix>z/</Prefix></CommonPrefixes></ListBucketResult>)");
  REQUIRE(page);
  REQUIRE(page->objects.size() == 2);
  CHECK(page->objects[0].key == "a/b");
  CHECK(page->objects[0].byte_size == 3);
  CHECK(page->objects[1].key == "c< >");
  CHECK(page->truncated);
  CHECK(page->next == "1/a&b=");
}

TEST_CASE("what is no listing is refused") {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (const std::string& text :
       {std::string(), std::string("hello"), std::string("<ListBucketResult>"), std::string("<Error><Code>X</Code></Error>"), deep,
        std::string("<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>"),
        std::string("<ListBucketResult><Contents><Key>a</Key><Size>1x</Size></Contents></ListBucketResult>"),
        std::string("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
        std::string("<!DOCTYPE a [<!ENTITY b \"c\">]><ListBucketResult><Contents><Key>&b;</Key></Contents></ListBucketResult>")}) {
    INFO(text);
    CHECK_FALSE(read_listing(text));
  }
}

TEST_CASE("the id of an upload, its end and an error are told apart") {
  CHECK(*read_upload_id("<InitiateMultipartUploadResult><UploadId>a.b_+/=</UploadId></InitiateMultipartUploadResult>") == "a.b_+/=");
  CHECK_FALSE(read_upload_id("<InitiateMultipartUploadResult><UploadId/></InitiateMultipartUploadResult>"));
  CHECK(is_completed("<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>"));
  CHECK_FALSE(is_completed("<Error><Code>InternalError</Code></Error>"));
  CHECK_FALSE(is_completed(""));
  CHECK(read_error_code("<Error><Code>SlowDown</Code></Error>") == "SlowDown");
  CHECK(read_error_code("<Error><Code>Slow\nDown</Code></Error>").empty());
  CHECK(read_error_code("<html>busy</html>").empty());
}

}  // namespace
}  // namespace driftstack::storage_s3

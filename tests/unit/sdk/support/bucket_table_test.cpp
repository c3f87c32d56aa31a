#include <catch2/catch.hpp>
#include <cstring>

#include "driftstack/support/bucket_table.hpp"

namespace driftstack::rate_limit {
namespace {

constexpr std::int64_t kMinute = 60'000'000'000;

BucketKey key_of(std::uint32_t number, std::uint32_t bucket = 0) {
  Uuid::Bytes bytes{};
  std::memcpy(bytes.data(), &number, sizeof number);
  BucketKey key;
  key.subject = Uuid(bytes);
  key.bucket = bucket;
  return key;
}

Limit one_a_minute() {
  Limit limit;
  limit.capacity = limit.per_minute = 1;
  return limit;
}

TEST_CASE("an emptied bucket stays empty while as many others as the table was made for are drawn on") {
  constexpr std::uint32_t kBuckets = 1000;
  BucketTable table(kBuckets);
  const Limit limit = one_a_minute();
  std::uint32_t remembered = 0;
  for (std::uint32_t i = 0; i < kBuckets; ++i) REQUIRE(table.draw(key_of(i), 1, i, limit).allowed);
  for (std::uint32_t i = 0; i < kBuckets; ++i) remembered += table.draw(key_of(i), 1, kBuckets, limit).allowed ? 0 : 1;
  CHECK(remembered >= kBuckets - kBuckets / 50);  // rows fill unevenly; see kSpare
}

TEST_CASE("a table that is too small forgets and says so, and never grows") {
  BucketTable table(16);
  const auto places = table.places();
  const Limit limit = one_a_minute();
  std::size_t displaced = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) displaced += table.draw(key_of(i), 1, i, limit).displaced ? 1 : 0;
  CHECK(displaced == 1000 - places);
  CHECK(table.places() == places);
}

TEST_CASE("the bucket that waited longest is forgotten first") {
  BucketTable table(8);  // one row
  REQUIRE(table.places() == 16);
  const Limit limit = one_a_minute();
  for (std::uint32_t i = 0; i < 16; ++i) (void)table.draw(key_of(i), 1, i, limit);
  CHECK(table.draw(key_of(16), 1, 16, limit).displaced);
  CHECK_FALSE(table.draw(key_of(1), 1, 17, limit).allowed);
  CHECK(table.draw(key_of(0), 1, 18, limit).allowed);
}

TEST_CASE("a bucket that is full again gives its place away without harm") {
  BucketTable table(8);
  const Limit limit = one_a_minute();
  for (std::uint32_t i = 0; i < 16; ++i) (void)table.draw(key_of(i), 1, 0, limit);
  for (std::uint32_t i = 16; i < 32; ++i) CHECK_FALSE(table.draw(key_of(i), 1, kMinute, limit).displaced);
}

TEST_CASE("two buckets of one subject are two") {
  BucketTable table(8);
  const Limit limit = one_a_minute();
  CHECK(table.draw(key_of(1, 0), 1, 0, limit).allowed);
  CHECK(table.draw(key_of(1, 1), 1, 0, limit).allowed);
  CHECK_FALSE(table.draw(key_of(1, 0), 1, 0, limit).allowed);
}

}  // namespace
}  // namespace driftstack::rate_limit

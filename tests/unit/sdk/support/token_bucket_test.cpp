#include <catch2/catch.hpp>

#include "driftstack/support/token_bucket.hpp"

namespace driftstack::rate_limit {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

Limit limit_of(std::int64_t capacity, std::int64_t per_minute) {
  Limit limit;
  limit.capacity = capacity;
  limit.per_minute = per_minute;
  return limit;
}

TEST_CASE("a bucket gains its refill to the nanosecond, however often it is asked") {
  const Limit limit = limit_of(60, 7);  // 7 a minute: no whole number of nanoseconds per token
  Level level;
  for (int i = 0; i < 60; ++i) {
    const auto at = level.at + kSecond;
    level.grains = refill(level, at, limit);
    level.at = at;
  }
  CHECK(level.grains == 7 * kGrainsPerToken);
}

TEST_CASE("a bucket never holds more than its capacity, also when the capacity shrank") {
  Level level;
  level.grains = 50 * kGrainsPerToken;
  CHECK(refill(level, 3600 * kSecond, limit_of(60, 60)) == 60 * kGrainsPerToken);
  CHECK(refill(level, 0, limit_of(5, 1)) == 5 * kGrainsPerToken);
}

TEST_CASE("a clock that seems to go back takes nothing away") {
  Level level;
  level.grains = kGrainsPerToken;
  level.at = kSecond;
  CHECK(refill(level, 0, limit_of(60, 60)) == kGrainsPerToken);
}

TEST_CASE("the time to afford is the first moment at which the draw passes") {
  const Limit limit = limit_of(5, 7);
  Level level;
  const auto wait = time_to_afford(level.grains, 1, limit);
  CHECK(refill(level, wait, limit) >= kGrainsPerToken);
  CHECK(refill(level, wait - 1, limit) < kGrainsPerToken);
}

TEST_CASE("the largest limit does not overflow") {
  const Limit limit = limit_of(kMostTokens, kMostTokens);
  Level level;
  CHECK(refill(level, INT64_MAX, limit) == kMostTokens * kGrainsPerToken);
  CHECK(time_to_fill(0, limit) == 60 * kSecond);
  CHECK(refill(level, 60 * kSecond - 1, limit) < kMostTokens * kGrainsPerToken);
}

}  // namespace
}  // namespace driftstack::rate_limit

/// The arithmetic of one token bucket (platform.md 5.1).
///
/// Purpose: whole numbers only: nothing is lost or gained by rounding, however often a bucket is asked. Units: grains and nanoseconds.
/// Thread: any. Errors: none; the caller keeps limits within `kMostTokens`.
#pragma once

#include <cstdint>

namespace driftstack::rate_limit {

/// What a bucket holds and what flows in.
struct Limit {
  std::int64_t capacity = 0;    ///< tokens
  std::int64_t per_minute = 0;  ///< tokens
};

/// A 60,000,000,000th of a token: in one nanosecond a bucket gains exactly `per_minute` of them.
using Grains = std::int64_t;
inline constexpr Grains kGrainsPerToken = 60'000'000'000;  // nanoseconds of a minute

/// The most that a limit may say, so that Grains never overflow: 10^7 * 6 * 10^10 < 2^63. The manifest has the same bound.
inline constexpr std::int64_t kMostTokens = 10'000'000;

/// How full a bucket was, and when.
struct Level {
  Grains grains = 0;
  std::int64_t at = 0;  ///< nanoseconds of the steady clock
};

/// Nanoseconds until the bucket is full.
constexpr std::int64_t time_to_fill(Grains grains, const Limit& limit) noexcept {
  const Grains room = limit.capacity * kGrainsPerToken - grains;
  return room <= 0 ? 0 : (room + limit.per_minute - 1) / limit.per_minute;
}

/// Grains at `now`: what was there plus what flowed in, never more than the capacity (also when the capacity shrank).
constexpr Grains refill(const Level& level, std::int64_t now, const Limit& limit) noexcept {
  const std::int64_t elapsed = now - level.at;
  const std::int64_t to_fill = time_to_fill(level.grains, limit);
  if (to_fill == 0 || elapsed >= to_fill) return limit.capacity * kGrainsPerToken;
  return elapsed <= 0 ? level.grains : level.grains + elapsed * limit.per_minute;
}

/// Nanoseconds until `cost` tokens are there.
constexpr std::int64_t time_to_afford(Grains grains, std::int64_t cost, const Limit& limit) noexcept {
  const Grains missing = cost * kGrainsPerToken - grains;
  return missing <= 0 ? 0 : (missing + limit.per_minute - 1) / limit.per_minute;
}

}  // namespace driftstack::rate_limit

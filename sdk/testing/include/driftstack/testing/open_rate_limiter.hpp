#pragma once
// A rate limiter that lets everything pass, unless the test says otherwise.

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "driftstack/roles/rate_limiter.hpp"

namespace driftstack::testing {

/// Knows `global`, `sessions:create` and every bucket that starts with `ip:`. Counts draws per bucket. [any-thread]
class OpenRateLimiter final : public RateLimiter {
 public:
  static constexpr std::int64_t kCapacity = 1'000'000;
  static constexpr std::int64_t kRetryAfterSeconds = 7;  // of a denial; no round number, so that a test sees where it came from

  /// Draws on this bucket are denied until `open`.
  void close(std::string bucket);
  void open(std::string_view bucket);
  /// Tokens drawn from a bucket, denied draws not counted.
  std::int64_t drawn(std::string_view bucket) const;

  bool knows(std::string_view bucket) const noexcept override;
  std::optional<RateDecision> take_now(const RateSubject& subject, std::string_view bucket, std::int64_t cost) noexcept override;
  AsyncResult<RateDecision> take(const Call& call, RateSubject subject, std::string bucket, std::int64_t cost) override;
  AsyncResult<std::vector<BucketLimits>> limits(const Call& call, RateSubject account) override;

 private:
  RateDecision draw(std::string_view bucket, std::int64_t cost);

  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> closed_;
  std::map<std::string, std::int64_t, std::less<>> drawn_;
};

}  // namespace driftstack::testing

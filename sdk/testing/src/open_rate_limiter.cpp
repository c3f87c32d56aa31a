#include "driftstack/testing/open_rate_limiter.hpp"

#include <utility>

namespace driftstack::testing {

void OpenRateLimiter::close(std::string bucket) {
  const std::lock_guard lock(mutex_);
  closed_.insert(std::move(bucket));
}

void OpenRateLimiter::open(std::string_view bucket) {
  const std::lock_guard lock(mutex_);
  if (const auto found = closed_.find(bucket); found != closed_.end()) closed_.erase(found);
}

std::int64_t OpenRateLimiter::drawn(std::string_view bucket) const {
  const std::lock_guard lock(mutex_);
  const auto found = drawn_.find(bucket);
  return found == drawn_.end() ? 0 : found->second;
}

bool OpenRateLimiter::knows(std::string_view bucket) const noexcept {
  return bucket == "global" || bucket == "sessions:create" || bucket.starts_with("ip:");
}

std::optional<RateDecision> OpenRateLimiter::take_now(const RateSubject&, std::string_view bucket, std::int64_t cost) noexcept {
  return draw(bucket, cost);
}

AsyncResult<RateDecision> OpenRateLimiter::take(const Call&, RateSubject, std::string bucket, std::int64_t cost) {
  co_return draw(bucket, cost);
}

AsyncResult<std::vector<BucketLimits>> OpenRateLimiter::limits(const Call&, RateSubject) {
  std::vector<BucketLimits> limits;
  for (const char* bucket : {"global", "sessions:create"}) limits.emplace_back(bucket, kCapacity, static_cast<double>(kCapacity));
  co_return limits;
}

RateDecision OpenRateLimiter::draw(std::string_view bucket, std::int64_t cost) {
  const std::lock_guard lock(mutex_);
  RateDecision decision;
  decision.capacity = kCapacity;
  decision.allowed = !closed_.contains(bucket);
  if (!decision.allowed) {
    decision.reset_after_seconds = decision.retry_after_seconds = kRetryAfterSeconds;
    return decision;
  }
  decision.remaining = kCapacity - cost;
  drawn_[std::string(bucket)] += cost;
  return decision;
}

}  // namespace driftstack::testing

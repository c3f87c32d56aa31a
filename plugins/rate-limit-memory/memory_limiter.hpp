#pragma once

#include <memory>
#include <string>
#include <vector>

#include "driftstack/roles/rate_limiter.hpp"
#include "driftstack/support/memory_buckets.hpp"

namespace driftstack::rate_limit_memory {

/// The role over the buckets of this server. [any-thread]
class MemoryLimiter final : public RateLimiter {
 public:
  explicit MemoryLimiter(std::unique_ptr<rate_limit::MemoryBuckets> buckets) : buckets_(std::move(buckets)) {}

  bool knows(std::string_view bucket) const noexcept override { return buckets_->catalogue().find(bucket).has_value(); }
  /// Always answers.
  std::optional<RateDecision> take_now(const RateSubject& subject, std::string_view bucket, std::int64_t cost) noexcept override {
    const auto index = buckets_->catalogue().find(bucket);
    return index ? buckets_->take(subject, *index, cost) : rate_limit::MemoryBuckets::unknown_bucket();
  }
  AsyncResult<RateDecision> take(const Call&, RateSubject subject, std::string bucket, std::int64_t cost) override {
    co_return *take_now(subject, bucket, cost);
  }
  AsyncResult<std::vector<BucketLimits>> limits(const Call&, RateSubject account) override { co_return buckets_->limits(account); }

 private:
  std::unique_ptr<rate_limit::MemoryBuckets> buckets_;
};

}  // namespace driftstack::rate_limit_memory

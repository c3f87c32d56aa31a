#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/roles/rate_limiter.hpp"
#include "driftstack/support/memory_buckets.hpp"
#include "redis_link.hpp"

namespace driftstack::rate_limit_redis {

/// The role: buckets in Redis, one link per io thread, and the buckets of this server while a link is down. [any-thread]
class RedisLimiter final : public RateLimiter, private LinkObserver {
 public:
  RedisLimiter(Host& host, LinkPlan plan, std::string key_prefix, std::unique_ptr<rate_limit::MemoryBuckets> buckets);

  /// Connects every io thread. A Redis that is away is no error, one that refuses us is. [io-thread]
  AsyncResult<> open();
  Task<> close();

  bool knows(std::string_view bucket) const noexcept override { return buckets_->catalogue().find(bucket).has_value(); }
  /// Answers while no link is up.
  std::optional<RateDecision> take_now(const RateSubject& subject, std::string_view bucket, std::int64_t cost) noexcept override;
  AsyncResult<RateDecision> take(const Call& call, RateSubject subject, std::string bucket, std::int64_t cost) override;
  AsyncResult<std::vector<BucketLimits>> limits(const Call&, RateSubject account) override { co_return buckets_->limits(account); }

 private:
  void link_is_up() noexcept override;
  void link_is_down(bool lost, std::string_view reason) noexcept override;
  RateDecision take_from_memory(const RateSubject& subject, rate_limit::BucketIndex bucket, std::int64_t cost) noexcept;
  std::string key_of(const RateSubject& subject, rate_limit::BucketIndex bucket) const;

  Host& host_;
  const LinkPlan plan_;
  const std::string key_prefix_;
  std::unique_ptr<rate_limit::MemoryBuckets> buckets_;
  Counter& account_fallbacks_;
  Counter& address_fallbacks_;
  std::vector<std::unique_ptr<RedisLink>> links_;  // by io thread
  std::atomic<std::size_t> links_up_{0};
  std::mutex mutex_;   // the one below
  bool away_ = false;  ///< said so in the log, and not yet that all links are back
};

}  // namespace driftstack::rate_limit_redis

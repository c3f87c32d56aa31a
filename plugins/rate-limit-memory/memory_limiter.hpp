#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bucket_table.hpp"
#include "driftstack/host.hpp"
#include "driftstack/roles/rate_limiter.hpp"
#include "limit_catalogue.hpp"

namespace driftstack::rate_limit_memory {

/// The role: catalogue, two tables, and a counter for every outcome. [any-thread]
class MemoryLimiter final : public RateLimiter {
 public:
  MemoryLimiter(LimitCatalogue catalogue, std::int64_t account_buckets, std::int64_t address_buckets, Clock& clock, Metrics& metrics);

  bool knows(std::string_view bucket) const noexcept override;
  /// Always answers. A bucket that nobody knows is denied: the route that names it is a mistake, and mistakes must not open doors.
  std::optional<RateDecision> take_now(const RateSubject& subject, std::string_view bucket, std::int64_t cost) noexcept override;
  AsyncResult<RateDecision> take(const Call& call, RateSubject subject, std::string bucket, std::int64_t cost) override;
  AsyncResult<std::vector<BucketLimits>> limits(const Call& call, RateSubject account) override;

 private:
  struct Outcomes {
    Counter* allowed = nullptr;
    Counter* exceeded = nullptr;
  };
  RateDecision decision(const Draw& draw, std::int64_t cost, const Limit& limit, std::int64_t now) const noexcept;
  /// Unix time in microseconds that belongs to `now` of the steady clock. Reads the wall clock once a second: a reading costs as much as
  /// the rest of a draw, and nobody sees more than whole seconds.
  std::int64_t unix_micros_at(std::int64_t now) const noexcept;

  LimitCatalogue catalogue_;
  BucketTable accounts_, addresses_;
  Clock& clock_;
  mutable std::atomic<std::int64_t> wall_offset_{0};   ///< microseconds from the steady clock to the wall clock
  mutable std::atomic<std::int64_t> wall_read_at_{0};  ///< steady time of the last reading; 0 before the first
  std::vector<Outcomes> outcomes_;                     // by bucket
  Counter* forgotten_;
};

}  // namespace driftstack::rate_limit_memory

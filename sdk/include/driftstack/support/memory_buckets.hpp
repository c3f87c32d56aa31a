/// Every token bucket of one server in its own memory, and the numbers of a draw as the headers show them.
///
/// Purpose: all of `rate.limiter/1` for a limiter that keeps its buckets itself, and the bounded stand-in of one that keeps them elsewhere
/// while its store is away. Counts draws in `driftstack_rate_limit_total`. Ownership: `clock` and `metrics` are the host's and outlive it.
/// Thread: any. Errors: none after construction.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/roles/rate_limiter.hpp"
#include "driftstack/support/bucket_table.hpp"
#include "driftstack/support/limit_catalogue.hpp"

namespace driftstack::rate_limit {

/// Catalogue, a table for accounts and one for addresses, and a counter for every outcome. [any-thread]
class MemoryBuckets {
 public:
  /// Reads the catalogue, `account_buckets` and `address_buckets` from the settings.
  static Result<std::unique_ptr<MemoryBuckets>> from(const Settings& settings, Clock& clock, Metrics& metrics);
  MemoryBuckets(LimitCatalogue catalogue, std::int64_t account_buckets, std::int64_t address_buckets, Clock& clock, Metrics& metrics);

  const LimitCatalogue& catalogue() const noexcept { return catalogue_; }
  /// What answers a draw on a bucket that nobody knows: the route that names it is a mistake, and mistakes must not open doors.
  static RateDecision unknown_bucket() noexcept;

  RateDecision take(const RateSubject& subject, BucketIndex bucket, std::int64_t cost) noexcept;
  /// The numbers of a draw that was made now, here or elsewhere, against this limit; counts it.
  RateDecision decide(BucketIndex bucket, const Draw& draw, std::int64_t cost, const Limit& limit) noexcept;
  /// The account buckets, `global` first.
  std::vector<BucketLimits> limits(const RateSubject& account) const;

 private:
  struct Outcomes {
    Counter* allowed = nullptr;
    Counter* exceeded = nullptr;
  };
  std::int64_t steady_nanos() const noexcept;
  RateDecision decide_at(std::int64_t now, BucketIndex bucket, const Draw& draw, std::int64_t cost, const Limit& limit) noexcept;
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

}  // namespace driftstack::rate_limit

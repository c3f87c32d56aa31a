#include "driftstack/support/memory_buckets.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace driftstack::rate_limit {

namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kNanosPerMicro = 1'000;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr double kSecondsPerMinute = 60;

constexpr std::int64_t ceil_divide(std::int64_t value, std::int64_t by) noexcept { return (value + by - 1) / by; }

Counter& outcome_counter(Metrics& metrics, const std::string& bucket, const char* outcome) {
  std::vector<Label> labels;
  labels.emplace_back("bucket", bucket);
  labels.emplace_back("outcome", outcome);
  return metrics.counter("driftstack_rate_limit_total", "Draws on rate-limit buckets.", std::move(labels));
}

}  // namespace

Result<std::unique_ptr<MemoryBuckets>> MemoryBuckets::from(const Settings& settings, Clock& clock, Metrics& metrics) {
  auto catalogue = LimitCatalogue::from(settings);
  if (!catalogue) return std::move(catalogue).error();
  return std::make_unique<MemoryBuckets>(*std::move(catalogue), settings.integer("account_buckets"), settings.integer("address_buckets"),
                                         clock, metrics);
}

MemoryBuckets::MemoryBuckets(LimitCatalogue catalogue, std::int64_t account_buckets, std::int64_t address_buckets, Clock& clock,
                             Metrics& metrics)
    : catalogue_(std::move(catalogue)), accounts_(account_buckets), addresses_(address_buckets), clock_(clock) {
  for (const auto& name : catalogue_.names()) {
    Outcomes outcomes;
    outcomes.allowed = &outcome_counter(metrics, name, "allowed");
    outcomes.exceeded = &outcome_counter(metrics, name, "exceeded");
    outcomes_.push_back(outcomes);
  }
  forgotten_ = &metrics.counter("driftstack_rate_limit_forgotten_total", "Buckets forgotten before they were full, for lack of room.", {});
}

RateDecision MemoryBuckets::unknown_bucket() noexcept {
  RateDecision denied;
  denied.retry_after_seconds = 1;
  return denied;
}

RateDecision MemoryBuckets::take(const RateSubject& subject, BucketIndex bucket, std::int64_t cost) noexcept {
  const Limit& limit = catalogue_.limit(bucket, subject.tier().view());
  const std::int64_t now = steady_nanos();
  BucketTable& table = subject.is_account() ? accounts_ : addresses_;
  BucketKey key;
  key.subject = subject.id();
  key.bucket = bucket;
  const Draw draw = table.draw(key, cost, now, limit);
  if (draw.displaced) forgotten_->add(1);
  return decide_at(now, bucket, draw, cost, limit);
}

RateDecision MemoryBuckets::decide(BucketIndex bucket, const Draw& draw, std::int64_t cost, const Limit& limit) noexcept {
  return decide_at(steady_nanos(), bucket, draw, cost, limit);
}

std::int64_t MemoryBuckets::steady_nanos() const noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(clock_.steady().time_since_epoch()).count();
}

std::int64_t MemoryBuckets::unix_micros_at(std::int64_t now) const noexcept {
  const std::int64_t read_at = wall_read_at_.load(std::memory_order_acquire);
  if (read_at == 0 || now - read_at >= kNanosPerSecond) {
    wall_offset_.store(clock_.unix_micros() - now / kNanosPerMicro, std::memory_order_relaxed);
    wall_read_at_.store(now, std::memory_order_release);
  }
  return now / kNanosPerMicro + wall_offset_.load(std::memory_order_relaxed);
}

RateDecision MemoryBuckets::decide_at(std::int64_t now, BucketIndex bucket, const Draw& draw, std::int64_t cost,
                                      const Limit& limit) noexcept {
  (draw.allowed ? outcomes_[bucket].allowed : outcomes_[bucket].exceeded)->add(1);
  const std::int64_t until_full = time_to_fill(draw.left, limit);
  RateDecision result;
  result.allowed = draw.allowed;
  result.capacity = limit.capacity;
  result.remaining = draw.left / kGrainsPerToken;
  result.reset_after_seconds = ceil_divide(until_full, kNanosPerSecond);
  result.reset_unix_seconds = ceil_divide(unix_micros_at(now) + ceil_divide(until_full, kNanosPerMicro), kMicrosPerSecond);
  if (!draw.allowed)
    result.retry_after_seconds = std::max<std::int64_t>(1, ceil_divide(time_to_afford(draw.left, cost, limit), kNanosPerSecond));
  return result;
}

std::vector<BucketLimits> MemoryBuckets::limits(const RateSubject& account) const {
  std::vector<BucketLimits> limits;
  for (BucketIndex i = 0; i < catalogue_.account_buckets(); ++i) {
    const Limit& limit = catalogue_.limit(i, account.tier().view());
    limits.emplace_back(catalogue_.names()[i], limit.capacity, static_cast<double>(limit.per_minute) / kSecondsPerMinute);
  }
  return limits;
}

}  // namespace driftstack::rate_limit

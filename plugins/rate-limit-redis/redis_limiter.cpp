#include "redis_limiter.hpp"

#include <utility>

#include "driftstack/support/hex.hpp"

namespace driftstack::rate_limit_redis {
namespace {

Counter& fallback_counter(Metrics& metrics, const char* limiter) {
  std::vector<Label> labels;
  labels.emplace_back("limiter", limiter);
  return metrics.counter("driftstack_rate_limit_store_fallback_total", "Draws that were made in memory because the shared store was away.",
                         std::move(labels));
}

std::string hex_of(const Uuid& id) {
  const auto& bytes = id.bytes();
  return hex_encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace

RedisLimiter::RedisLimiter(Host& host, LinkPlan plan, std::string key_prefix, std::unique_ptr<rate_limit::MemoryBuckets> buckets)
    : host_(host),
      plan_(std::move(plan)),
      key_prefix_(std::move(key_prefix)),
      buckets_(std::move(buckets)),
      account_fallbacks_(fallback_counter(host.metrics(), "account")),
      address_fallbacks_(fallback_counter(host.metrics(), "address")) {
  LinkObserver& observer = *this;
  for (IoThread thread = 0; thread < host.scheduler().io_threads(); ++thread)
    links_.push_back(std::make_unique<RedisLink>(host.scheduler(), thread, plan_, observer));
}

AsyncResult<> RedisLimiter::open() {
  for (const auto& link : links_) co_await link->open();
  for (const auto& link : links_) {
    const auto outcome = co_await link->first_outcome();
    if (outcome != RedisLink::Outcome::refused) continue;
    std::string reason = link->reason();
    co_await close();
    co_return Error(Errc::unavailable, "Redis at " + plan_.address.place() + " does not serve us: " + reason);
  }
  co_return Done();
}

Task<> RedisLimiter::close() {
  for (const auto& link : links_) co_await link->close();
}

std::optional<RateDecision> RedisLimiter::take_now(const RateSubject& subject, std::string_view bucket, std::int64_t cost) noexcept {
  const auto index = buckets_->catalogue().find(bucket);
  if (!index) return rate_limit::MemoryBuckets::unknown_bucket();
  if (links_up_.load(std::memory_order_relaxed) > 0) return std::nullopt;
  return take_from_memory(subject, *index, cost);
}

AsyncResult<RateDecision> RedisLimiter::take(const Call& call, RateSubject subject, std::string bucket, std::int64_t cost) {
  const auto index = buckets_->catalogue().find(bucket);
  if (!index) co_return rate_limit::MemoryBuckets::unknown_bucket();
  if (call.io_thread() >= links_.size()) co_return take_from_memory(subject, *index, cost);
  co_await on_io(host_.scheduler(), call.io_thread());
  DrawCommand command;
  command.key = key_of(subject, *index);
  command.limit = buckets_->catalogue().limit(*index, subject.tier().view());
  command.cost = cost;
  const rate_limit::Limit limit = command.limit;
  PendingDraw draw(*links_[call.io_thread()], std::move(command));
  const std::optional<rate_limit::Draw> drawn = co_await draw;
  if (!drawn) co_return take_from_memory(subject, *index, cost);
  co_return buckets_->decide(*index, *drawn, cost, limit);
}

RateDecision RedisLimiter::take_from_memory(const RateSubject& subject, rate_limit::BucketIndex bucket, std::int64_t cost) noexcept {
  (subject.is_account() ? account_fallbacks_ : address_fallbacks_).add(1);
  return buckets_->take(subject, bucket, cost);
}

// `driftstack:rate:global:a:<32 hex digits>`; `a` is an account, `i` a client address.
std::string RedisLimiter::key_of(const RateSubject& subject, rate_limit::BucketIndex bucket) const {
  std::string key = key_prefix_;
  key.append(buckets_->catalogue().names()[bucket]).append(subject.is_account() ? ":a:" : ":i:").append(hex_of(subject.id()));
  return key;
}

void RedisLimiter::link_is_up() noexcept {
  const std::lock_guard lock(mutex_);
  if (links_up_.fetch_add(1) + 1 < links_.size() || !std::exchange(away_, false)) return;
  host_.log().info("Redis is back; rate limits are shared again", {LogField("store", plan_.address.place())});
}

void RedisLimiter::link_is_down(bool lost, std::string_view reason) noexcept {
  const std::lock_guard lock(mutex_);
  if (lost) --links_up_;
  if (!std::exchange(away_, true))
    host_.log().warn("Redis is away; rate limits are kept in the memory of this server",
                     {LogField("store", plan_.address.place()), LogField("reason", reason)});
}

}  // namespace driftstack::rate_limit_redis

// Role RateLimiter on a shared Redis. See README.md.

#include "driftstack/plugin.hpp"

#include <memory>
#include <string>
#include <utility>

#include "redis_limiter.hpp"

namespace driftstack::rate_limit_redis {

class RateLimitRedis final : public Plugin {
 public:
  explicit RateLimitRedis(Host& host) : host_(host) {}

  Result<> configure() override {
    const Settings& settings = host_.settings();
    LinkPlan plan;
    std::string url = settings.secret("url");
    auto address = RedisAddress::from_url(url);
    wipe(url.data(), url.size());
    if (!address) return std::move(address).error();
    plan.address = *std::move(address);
    if (plan.address.tls) {
      auto trust = TlsTrust::load(settings.has("ca_file") ? settings.text("ca_file") : std::string());
      if (!trust) return std::move(trust).error();
      plan.trust = *std::move(trust);
    }
    const std::string prefix = settings.text("key_prefix") + "rate:";
    plan.probe_key = prefix + "probe";
    plan.answer_within = settings.duration("answer_within");
    auto buckets = rate_limit::MemoryBuckets::from(settings, host_.clock(), host_.metrics());
    if (!buckets) return std::move(buckets).error();
    limiter_ = std::make_unique<RedisLimiter>(host_, std::move(plan), prefix, *std::move(buckets));
    return Done();
  }

  // A tool beside a server draws on no bucket.
  AsyncResult<> start() override {
    if (!host_.serving()) co_return Done();
    auto opened = co_await limiter_->open();
    co_return opened;
  }
  AsyncResult<> stop() override {
    if (host_.serving()) co_await limiter_->close();
    co_return Done();
  }

  void* provide(InterfaceId id) noexcept override { return id == RateLimiter::kId ? static_cast<RateLimiter*>(limiter_.get()) : nullptr; }

 private:
  Host& host_;
  std::unique_ptr<RedisLimiter> limiter_;
};

}  // namespace driftstack::rate_limit_redis

DRIFTSTACK_PLUGIN(driftstack::rate_limit_redis::RateLimitRedis)

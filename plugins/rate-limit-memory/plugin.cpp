// Role RateLimiter in the memory of one server. See README.md.

#include "driftstack/plugin.hpp"

#include <memory>
#include <utility>

#include "memory_limiter.hpp"

namespace driftstack::rate_limit_memory {

class RateLimitMemory final : public Plugin {
 public:
  explicit RateLimitMemory(Host& host) : host_(host) {}

  Result<> configure() override {
    auto buckets = rate_limit::MemoryBuckets::from(host_.settings(), host_.clock(), host_.metrics());
    if (!buckets) return std::move(buckets).error();
    limiter_ = std::make_unique<MemoryLimiter>(*std::move(buckets));
    return Done();
  }

  AsyncResult<> start() override { co_return Done(); }
  AsyncResult<> stop() override { co_return Done(); }

  void* provide(InterfaceId id) noexcept override { return id == RateLimiter::kId ? static_cast<RateLimiter*>(limiter_.get()) : nullptr; }

 private:
  Host& host_;
  std::unique_ptr<MemoryLimiter> limiter_;
};

}  // namespace driftstack::rate_limit_memory

DRIFTSTACK_PLUGIN(driftstack::rate_limit_memory::RateLimitMemory)

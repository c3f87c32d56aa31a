// What one draw costs, against the two clock readings that it cannot do without.

#include <chrono>
#include <cstdio>
#include <cstring>

#include "driftstack/testing/fake_metrics.hpp"
#include "driftstack/testing/manifest_defaults.hpp"
#include "memory_limiter.hpp"

namespace {

using namespace driftstack;

class RealClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point steady() const noexcept override { return std::chrono::steady_clock::now(); }
  std::int64_t unix_micros() const noexcept override {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  }
};

RateSubject account(std::uint32_t number) {
  Uuid::Bytes bytes{};
  std::memcpy(bytes.data(), &number, sizeof number);
  return RateSubject::account(Uuid(bytes), TierSlug("enterprise"));
}

template <class F>
double nanoseconds_each(std::uint32_t rounds, F function) {
  const auto start = std::chrono::steady_clock::now();
  for (std::uint32_t i = 0; i < rounds; ++i) function(i);
  const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
  return spent.count() / rounds;
}

}  // namespace

int main() {
  constexpr std::uint32_t kRounds = 5'000'000;
  RealClock clock;
  driftstack::testing::FakeMetrics metrics;
  auto buckets = rate_limit::MemoryBuckets::from(driftstack::testing::manifest_defaults(DRIFTSTACK_PLUGIN_MANIFEST), clock, metrics);
  if (!buckets) return 1;
  rate_limit_memory::MemoryLimiter limiter(*std::move(buckets));

  std::int64_t sink = 0;
  const double clocks =
      nanoseconds_each(kRounds, [&](std::uint32_t) { sink += clock.unix_micros() + clock.steady().time_since_epoch().count(); });
  const double one = nanoseconds_each(kRounds, [&](std::uint32_t) { sink += limiter.take_now(account(1), "global", 1)->remaining; });
  const double many =
      nanoseconds_each(kRounds, [&](std::uint32_t i) { sink += limiter.take_now(account(i % 50000), "global", 1)->remaining; });
  std::printf("two clock readings   %6.1f ns\n", clocks);
  std::printf("draw, one account    %6.1f ns  ratio %.1f\n", one, one / clocks);
  std::printf("draw, 50000 accounts %6.1f ns  ratio %.1f\n", many, many / clocks);
  return sink == 0 ? 1 : 0;
}

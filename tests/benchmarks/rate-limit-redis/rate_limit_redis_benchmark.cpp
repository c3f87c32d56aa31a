// What a draw on a Redis of this machine costs, against the same draw in memory; and how long a draw waits when Redis hangs.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>

#include "driftstack/roles/rate_limiter.hpp"
#include "driftstack/testing/plugin_fixture.hpp"
#include "private_redis.hpp"

namespace {

using namespace driftstack;
using driftstack::testing::FakeHost;
using driftstack::testing::PluginFixture;
using Micros = std::chrono::duration<double, std::micro>;

RateSubject account(std::uint8_t number) {
  Uuid::Bytes bytes{};
  bytes[0] = number;
  return RateSubject::account(Uuid(bytes), TierSlug("enterprise"));
}

/// Draws one after the other, as one connection of a client would.
Task<> draw_in_turn(RateLimiter& limiter, const Call& call, std::uint8_t number, std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i) {
    auto decision = co_await limiter.take(call, account(number), "global", 1);
    if (!decision) std::printf("a draw failed\n");
  }
}

Task<> draw_at_once(Scheduler& scheduler, RateLimiter& limiter, const Call& call, std::uint8_t connections, std::int64_t times) {
  std::atomic<int> left{connections};
  for (std::uint8_t i = 0; i < connections; ++i) start(draw_in_turn(limiter, call, i, times), [&left] { --left; });
  while (left > 0) co_await until(scheduler, std::chrono::steady_clock::now(), call.io_thread());
}

/// Microseconds per draw.
double time_of(FakeHost& host, RateLimiter& limiter, std::uint8_t connections, std::int64_t times) {
  const auto call = host.call(std::chrono::seconds(600));
  const auto begin = std::chrono::steady_clock::now();
  testing::run(host, draw_at_once(host.scheduler(), limiter, *call, connections, times));
  return Micros(std::chrono::steady_clock::now() - begin).count() / static_cast<double>(times * connections);
}

RateLimiter* started(PluginFixture& plugin) {
  if (!plugin.configure() || !plugin.start()) return nullptr;
  return plugin.provide<RateLimiter>();
}

}  // namespace

int main() {
  driftstack::testing::PrivateRedis redis;
  PluginFixture memory_plugin(DRIFTSTACK_MEMORY_PACKAGE);
  PluginFixture redis_plugin(DRIFTSTACK_REDIS_PACKAGE, {{"url", redis.url()}});
  RateLimiter* memory = started(memory_plugin);
  RateLimiter* shared = started(redis_plugin);
  if (memory == nullptr || shared == nullptr) return 1;

  for (const std::uint8_t connections : {std::uint8_t{1}, std::uint8_t{16}, std::uint8_t{128}}) {
    const std::int64_t times = 64'000 / connections / 4;
    const double in_memory = time_of(memory_plugin.host(), *memory, connections, times);
    const double in_redis = time_of(redis_plugin.host(), *shared, connections, times);
    std::printf("%3d connections  memory %7.2f us  redis %7.2f us  ratio %6.1f\n", connections, in_memory, in_redis, in_redis / in_memory);
  }

  redis.freeze();
  const auto begin = std::chrono::steady_clock::now();
  const auto call = redis_plugin.host().call();
  (void)testing::run(redis_plugin.host(), shared->take(*call, account(1), "global", 1));
  std::printf("Redis hangs: the draw was made in memory after %.1f ms; aim: within 50\n",
              Micros(std::chrono::steady_clock::now() - begin).count() / 1000);
  redis.thaw();
  return 0;
}

// What two servers on one Redis see, and what Redis sees of them.

#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "driftstack/support/memory_buckets.hpp"
#include "driftstack/testing/conformance/rate_limiter.hpp"
#include "driftstack/testing/manifest_defaults.hpp"
#include "private_redis.hpp"

namespace driftstack::testing {
namespace {

using conformance::detail::draw;
using conformance::detail::numbered_account;
using conformance::detail::numbered_address;
using Limiter = conformance::Subject<RateLimiter>;

PrivateRedis& redis() {
  static PrivateRedis one;
  return one;
}

std::string fresh_prefix() {
  static std::atomic<int> number{0};
  return "test" + std::to_string(++number) + ":";
}

/// Waits as long as it takes: how fast a fallback is has tests of its own.
Limiter limiter_with(const std::string& prefix) {
  return conformance::from_plugin<RateLimiter>(
      DRIFTSTACK_PLUGIN_PACKAGE, {{"url", redis().url()}, {"key_prefix", prefix}, {"answer_within", std::chrono::seconds(30)}});
}
Limiter fresh_limiter() { return limiter_with(fresh_prefix()); }

/// Redis's clock shows the host's time, and runs by itself again at the end of the test.
struct SteeredRedis {
  ~SteeredRedis() { redis().stop_clock_at(0); }
  void operator()(const ManualClock& clock) const { redis().stop_clock_at(clock.unix_micros()); }
};

double fallbacks(const Limiter& limiter) {
  return limiter.host.metrics().value("driftstack_rate_limit_store_fallback_total", {Label("limiter", "account")}) +
         limiter.host.metrics().value("driftstack_rate_limit_store_fallback_total", {Label("limiter", "address")});
}

std::int64_t commands_of(const std::string& name) {
  const std::string stats = redis().ask({"INFO", "commandstats"});
  const std::string key = "cmdstat_" + name + ":calls=";
  const auto at = stats.find(key);
  return at == std::string::npos ? 0 : std::stoll(stats.substr(at + key.size()));
}

TEST_CASE("rate-limit-redis keeps the contract of rate.limiter/1") {
  const SteeredRedis steered;
  conformance::rate_limiter(fresh_limiter, steered);
}

TEST_CASE("rate-limit-redis has the published limits") {
  const SteeredRedis steered;
  conformance::published_limits(fresh_limiter, steered);
}

TEST_CASE("the script decides what the arithmetic in memory decides, to the last number") {
  const SteeredRedis steered;
  auto limiter = fresh_limiter();
  FakeMetrics metrics;
  auto memory = rate_limit::MemoryBuckets::from(manifest_defaults(DRIFTSTACK_PLUGIN_MANIFEST), limiter.host.clock(), metrics);
  REQUIRE(memory);
  limiter.host.clock().freeze();
  std::mt19937 random(7);  // the same sequence in every run
  const char* const tiers[] = {"free", "api_starter", "enterprise"};
  const char* const buckets[] = {"global", "sessions:create"};
  for (int i = 0; i < 2000; ++i) {
    const std::string bucket = buckets[random() % 2];
    const auto number = static_cast<std::uint8_t>(random() % 3);
    const auto account = numbered_account(number, tiers[number]);
    const auto cost = static_cast<std::int64_t>(1 + random() % 4);
    steered(limiter.host.clock());
    const auto ours = draw(limiter, account, bucket, cost);
    const auto theirs = (*memory)->take(account, *(*memory)->catalogue().find(bucket), cost);
    INFO("draw " << i << " on " << bucket << " for " << account.tier().view() << " costing " << cost);
    REQUIRE(ours.allowed == theirs.allowed);
    REQUIRE(ours.remaining == theirs.remaining);
    REQUIRE(ours.reset_unix_seconds == theirs.reset_unix_seconds);
    REQUIRE(ours.reset_after_seconds == theirs.reset_after_seconds);
    REQUIRE(ours.retry_after_seconds == theirs.retry_after_seconds);
    limiter.host.clock().advance(std::chrono::microseconds(random() % 700'001));
  }
  CHECK(fallbacks(limiter) == 0);
}

TEST_CASE("two servers on one Redis share every bucket") {
  const std::string prefix = fresh_prefix();
  auto first = limiter_with(prefix), second = limiter_with(prefix);
  std::int64_t passed = 0;
  for (int i = 0; i < 10; ++i) passed += draw(i % 2 == 0 ? first : second, numbered_account(1), "sessions:create").allowed ? 1 : 0;
  CHECK(passed == 5);  // what the tier `free` holds; one token a minute flows in
  CHECK(draw(first, numbered_address(1), "ip:login").remaining == 9);
  CHECK(draw(second, numbered_address(1), "ip:login").remaining == 8);
  CHECK(fallbacks(first) + fallbacks(second) == 0);
}

TEST_CASE("servers with different prefixes on one Redis share nothing") {
  auto first = fresh_limiter(), second = fresh_limiter();
  for (int i = 0; i < 10; ++i) (void)draw(first, numbered_account(1), "sessions:create");
  CHECK(draw(second, numbered_account(1), "sessions:create").remaining == 4);
}

TEST_CASE("a draw is one command of Redis and no more") {
  auto limiter = fresh_limiter();
  const auto before = commands_of("evalsha");
  const auto loads = commands_of("script|load") + commands_of("eval");
  for (int i = 0; i < 100; ++i) (void)draw(limiter, numbered_account(1, "enterprise"), "global");
  CHECK(commands_of("evalsha") - before == 100);
  CHECK(commands_of("script|load") + commands_of("eval") == loads);
}

TEST_CASE("a Redis that forgot the script is given it again, and the draw counts") {
  auto limiter = fresh_limiter();
  CHECK(draw(limiter, numbered_account(1), "global").remaining == 59);
  REQUIRE(redis().ask({"SCRIPT", "FLUSH"}) == "OK");
  CHECK(draw(limiter, numbered_account(1, "enterprise"), "sessions:create").allowed);
  const auto texts = commands_of("eval");
  CHECK(draw(limiter, numbered_account(1, "enterprise"), "sessions:create").remaining <= 599);
  CHECK(commands_of("eval") == texts);
  CHECK(fallbacks(limiter) == 0);
}

TEST_CASE("a bucket's key goes when the bucket is full again") {
  const std::string prefix = fresh_prefix();
  auto limiter = limiter_with(prefix);
  (void)draw(limiter, numbered_account(1), "sessions:create");
  const std::string key = redis().ask({"KEYS", prefix + "rate:sessions:create:a:*"});
  REQUIRE(key.size() > 32);
  const auto left = std::stoll(redis().ask({"PTTL", key.substr(0, key.size() - 1)}));
  CHECK(left > 0);
  CHECK(left <= 60'000);
}

TEST_CASE("a text that somebody else left under a bucket's key counts as a full bucket") {
  const std::string prefix = fresh_prefix();
  auto limiter = limiter_with(prefix);
  (void)draw(limiter, numbered_account(1), "sessions:create");
  std::string key = redis().ask({"KEYS", prefix + "rate:sessions:create:a:*"});
  key.pop_back();
  REQUIRE(redis().ask({"SET", key, "nonsense"}) == "OK");
  CHECK(draw(limiter, numbered_account(1), "sessions:create").remaining == 4);
  CHECK(fallbacks(limiter) == 0);
}

}  // namespace
}  // namespace driftstack::testing

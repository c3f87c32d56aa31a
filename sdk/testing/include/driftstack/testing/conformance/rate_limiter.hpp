#pragma once
// Conformance suite of rate.limiter/1.

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "driftstack/roles/rate_limiter.hpp"
#include "driftstack/testing/conformance/subject.hpp"

namespace driftstack::testing::conformance {

namespace detail {

inline RateSubject numbered_account(std::uint8_t number, std::string_view tier = "free") {
  Uuid::Bytes bytes{};
  bytes.back() = number;
  return RateSubject::account(Uuid::from_random_bytes(bytes), TierSlug(tier));
}
inline RateSubject numbered_address(std::uint8_t number) { return RateSubject::address(numbered_account(number).id()); }

/// Draws the way the server does: from memory, and from the store when memory does not know.
inline RateDecision draw(Subject<RateLimiter>& subject, RateSubject who, const std::string& bucket, std::int64_t cost = 1) {
  if (auto now = subject.role.take_now(who, bucket, cost)) return *now;
  const auto call = subject.host.call();
  auto result = run(subject.host, subject.role.take(*call, who, bucket, cost));
  REQUIRE(result);
  return *result;
}

/// Draws until the bucket refuses; answers the refusal. `taken` counts what passed.
inline RateDecision drain(Subject<RateLimiter>& subject, RateSubject who, const std::string& bucket, std::int64_t& taken) {
  for (taken = 0;; ++taken) {
    const auto decision = draw(subject, who, bucket);
    if (!decision.allowed || taken > decision.capacity) return decision;
  }
}

inline std::vector<BucketLimits> limits_of(Subject<RateLimiter>& subject, RateSubject account) {
  const auto call = subject.host.call();
  auto result = run(subject.host, subject.role.limits(*call, account));
  REQUIRE(result);
  return *std::move(result);
}

}  // namespace detail

/// For a limiter whose store has a clock of its own: makes that clock show the host's time, and stand still as the host's does.
using KeepTime = std::function<void(const ManualClock&)>;

/// The clock is frozen in every section, so that no token flows in unseen.
inline void rate_limiter(
    const MakeSubject<RateLimiter>& make, const KeepTime& keep_time = [](const ManualClock&) {}) {
  using detail::drain;
  using detail::draw;
  using detail::numbered_account;
  using detail::numbered_address;
  auto subject = make();
  subject.host.clock().freeze();
  keep_time(subject.host.clock());
  const auto advance = [&](std::chrono::seconds by) {
    subject.host.clock().advance(by);
    keep_time(subject.host.clock());
  };
  const auto account = numbered_account(1);
  std::int64_t taken = 0;

  SECTION("it knows the account buckets, the shared address bucket, and no other name") {
    for (const char* bucket : {"global", "sessions:create", "ip:public", "ip:auth-failure"}) CHECK(subject.role.knows(bucket));
    for (const char* bucket : {"", "none", "globa", "global2", "ip:", "ip:nothing"}) CHECK_FALSE(subject.role.knows(bucket));
  }
  SECTION("a new bucket is full") {
    const auto first = draw(subject, account, "global");
    CHECK(first.allowed);
    CHECK(first.capacity > 1);
    CHECK(first.remaining == first.capacity - 1);
    CHECK(first.retry_after_seconds == 0);
  }
  SECTION("exactly the capacity passes at one instant, and a denial says when to come back") {
    const auto denied = drain(subject, account, "global", taken);
    CHECK(taken == denied.capacity);
    CHECK_FALSE(denied.allowed);
    CHECK(denied.remaining == 0);
    CHECK(denied.retry_after_seconds >= 1);
  }
  SECTION("after the time that a denial names, a draw passes") {
    const auto denied = drain(subject, account, "sessions:create", taken);
    advance(std::chrono::seconds(denied.retry_after_seconds));
    CHECK(draw(subject, account, "sessions:create").allowed);
  }
  SECTION("a denied draw takes nothing") {
    const auto first = drain(subject, account, "sessions:create", taken);
    for (int i = 0; i < 10; ++i) CHECK(draw(subject, account, "sessions:create").retry_after_seconds == first.retry_after_seconds);
  }
  SECTION("a bucket is full again when its reset says so, and holds no more than its capacity") {
    const auto denied = drain(subject, account, "global", taken);
    advance(std::chrono::seconds(denied.reset_after_seconds) + std::chrono::hours(24));
    CHECK(draw(subject, account, "global").remaining == denied.capacity - 1);
  }
  SECTION("the absolute reset is the relative one from now") {
    const auto decision = drain(subject, account, "global", taken);
    const auto now = subject.host.clock().unix_micros() / 1'000'000;
    CHECK(decision.reset_after_seconds > 0);
    CHECK(decision.reset_unix_seconds - now >= decision.reset_after_seconds - 1);
    CHECK(decision.reset_unix_seconds - now <= decision.reset_after_seconds + 1);
  }
  SECTION("buckets and subjects do not share tokens") {
    const auto denied = drain(subject, account, "global", taken);
    CHECK(draw(subject, account, "sessions:create").allowed);
    CHECK(draw(subject, numbered_account(2), "global").remaining == denied.capacity - 1);
  }
  SECTION("an account and an address of the same bytes do not share tokens") {
    (void)drain(subject, numbered_address(1), "ip:public", taken);
    CHECK(draw(subject, RateSubject::account(numbered_address(1).id(), TierSlug("free")), "global").allowed);
  }
  SECTION("an address bucket limits one address and not another") {
    const auto denied = drain(subject, numbered_address(1), "ip:public", taken);
    CHECK(taken == denied.capacity);
    CHECK(draw(subject, numbered_address(2), "ip:public").allowed);
  }
  SECTION("a higher cost takes more") {
    const auto decision = draw(subject, account, "global", 3);
    CHECK(decision.remaining == decision.capacity - 3);
  }
  SECTION("a lower tier clamps what is there") {
    const auto rich = draw(subject, numbered_account(3, "enterprise"), "global");
    const auto poor = draw(subject, numbered_account(3, "free"), "global");
    CHECK(poor.capacity < rich.capacity);
    CHECK(poor.remaining == poor.capacity - 1);
  }
  SECTION("an unknown tier has the limits of free") {
    CHECK(draw(subject, numbered_account(4, "no_such_tier"), "global").capacity == draw(subject, account, "global").capacity);
  }
  SECTION("limits lists the account buckets, global first, with the numbers that draws obey") {
    const auto limits = detail::limits_of(subject, account);
    REQUIRE(limits.size() >= 2);
    CHECK(limits[0].bucket == "global");
    for (const auto& limit : limits) {
      INFO(limit.bucket);
      CHECK(limit.refill_per_second > 0);
      CHECK(draw(subject, account, limit.bucket).capacity == limit.capacity);
    }
  }
  SECTION("threads that draw at the same time never get more than the capacity") {
    constexpr int kThreads = 4;
    const auto capacity = draw(subject, account, "global").capacity;
    std::atomic<std::int64_t> allowed{1};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        for (std::int64_t n = 0; n < capacity; ++n) {
          auto decision = subject.role.take_now(account, "global", 1);
          if (!decision) {
            const auto call = subject.host.call();
            auto asked = run(subject.host, subject.role.take(*call, account, "global", 1));
            if (asked) decision = *asked;
          }
          if (decision && decision->allowed) ++allowed;
        }
      });
    for (auto& thread : threads) thread.join();
    CHECK(allowed == capacity);
  }
}

/// The defaults that customers are told (platform.md 5.3 and 5.6). `keep_time` as above.
inline void published_limits(
    const MakeSubject<RateLimiter>& make, const KeepTime& keep_time = [](const ManualClock&) {}) {
  struct Tier {
    const char* name;
    std::int64_t global, create;
    double global_refill, create_refill;
  };
  struct Address {
    const char* bucket;
    std::int64_t per_minute;
  };
  auto subject = make();
  subject.host.clock().freeze();
  keep_time(subject.host.clock());

  SECTION("the limits of the tiers are the published ones") {
    for (const Tier& tier :
         {Tier{"free", 60, 5, 1, 1.0 / 60}, Tier{"solo_manual", 120, 10, 2, 1.0 / 30}, Tier{"team_manual", 360, 20, 6, 1.0 / 10},
          Tier{"agency_manual", 1800, 60, 30, 1}, Tier{"api_starter", 240, 15, 4, 1.0 / 20}, Tier{"api_builder", 1800, 60, 30, 1},
          Tier{"api_scale", 6000, 120, 100, 2}, Tier{"enterprise", 60000, 600, 1000, 10}}) {
      INFO(tier.name);
      const auto limits = detail::limits_of(subject, detail::numbered_account(1, tier.name));
      REQUIRE(limits.size() == 2);
      CHECK(limits[0].bucket == "global");
      CHECK(limits[0].capacity == tier.global);
      CHECK(limits[0].refill_per_second == Approx(tier.global_refill));
      CHECK(limits[1].bucket == "sessions:create");
      CHECK(limits[1].capacity == tier.create);
      CHECK(limits[1].refill_per_second == Approx(tier.create_refill));
    }
  }
  SECTION("the limits per address are the published ones") {
    for (const Address& address :
         {Address{"ip:status-subscribe", 3}, Address{"ip:mail", 3}, Address{"ip:magic-link", 3}, Address{"ip:signup", 5},
          Address{"ip:login", 10}, Address{"ip:challenge", 10}, Address{"ip:token", 10}, Address{"ip:refresh", 30},
          Address{"ip:device", 60}, Address{"ip:oauth", 30}, Address{"ip:oauth-client", 600}, Address{"ip:status", 60},
          Address{"ip:register-subscribe", 3}, Address{"ip:provider", 600}, Address{"ip:files", 600}, Address{"ip:public", 60},
          Address{"ip:auth-failure", 60}}) {
      INFO(address.bucket);
      const auto first = detail::draw(subject, detail::numbered_address(1), address.bucket);
      CHECK(first.allowed);
      CHECK(first.capacity == address.per_minute);
      CHECK(first.reset_after_seconds == (60 + address.per_minute - 1) / address.per_minute);
    }
  }
  SECTION("every draw is counted by bucket and outcome") {
    for (int i = 0; i < 5; ++i) (void)detail::draw(subject, detail::numbered_address(1), "ip:mail");
    const auto counted = [&](const char* outcome) {
      return subject.host.metrics().value("driftstack_rate_limit_total", {Label("bucket", "ip:mail"), Label("outcome", outcome)});
    };
    CHECK(counted("allowed") == 3);
    CHECK(counted("exceeded") == 2);
  }
  SECTION("a draw on a bucket that nobody knows is denied") {
    const auto decision = detail::draw(subject, detail::numbered_account(1), "globa");
    CHECK_FALSE(decision.allowed);
    CHECK(decision.retry_after_seconds == 1);
  }
}

}  // namespace driftstack::testing::conformance

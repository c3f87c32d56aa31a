#include <catch2/catch.hpp>

#include "driftstack/testing/conformance/rate_limiter.hpp"

namespace driftstack::testing {
namespace {

const std::string kPackage = DRIFTSTACK_PLUGIN_PACKAGE;

conformance::Subject<RateLimiter> subject() { return conformance::from_plugin<RateLimiter>(kPackage); }

struct TierRow {
  const char* tier;
  std::int64_t global, create;
  double global_refill, create_refill;
};

TEST_CASE("rate-limit-memory keeps the contract of rate.limiter/1") { conformance::rate_limiter(subject); }

TEST_CASE("the defaults are the published tier table") {
  // platform.md 5.3
  const TierRow row = GENERATE(TierRow{"free", 60, 5, 1, 1.0 / 60}, TierRow{"solo_manual", 120, 10, 2, 1.0 / 30},
                               TierRow{"team_manual", 360, 20, 6, 1.0 / 10}, TierRow{"agency_manual", 1800, 60, 30, 1},
                               TierRow{"api_starter", 240, 15, 4, 1.0 / 20}, TierRow{"api_builder", 1800, 60, 30, 1},
                               TierRow{"api_scale", 6000, 120, 100, 2}, TierRow{"enterprise", 60000, 600, 1000, 10});
  INFO(row.tier);
  auto limiter = subject();
  const auto limits = conformance::detail::limits_of(limiter, conformance::detail::numbered_account(1, row.tier));
  REQUIRE(limits.size() == 2);
  CHECK(limits[0].bucket == "global");
  CHECK(limits[0].capacity == row.global);
  CHECK(limits[0].refill_per_second == Approx(row.global_refill));
  CHECK(limits[1].bucket == "sessions:create");
  CHECK(limits[1].capacity == row.create);
  CHECK(limits[1].refill_per_second == Approx(row.create_refill));
}

TEST_CASE("the defaults per address are the published ones") {
  // platform.md 5.6
  const auto [bucket, per_minute] = GENERATE(table<std::string, std::int64_t>({{"ip:status-subscribe", 3},
                                                                               {"ip:mail", 3},
                                                                               {"ip:magic-link", 3},
                                                                               {"ip:signup", 5},
                                                                               {"ip:login", 10},
                                                                               {"ip:challenge", 10},
                                                                               {"ip:token", 10},
                                                                               {"ip:refresh", 30},
                                                                               {"ip:device", 60},
                                                                               {"ip:oauth", 30},
                                                                               {"ip:oauth-client", 600},
                                                                               {"ip:status", 60},
                                                                               {"ip:register-subscribe", 3},
                                                                               {"ip:provider", 600},
                                                                               {"ip:files", 600},
                                                                               {"ip:public", 60},
                                                                               {"ip:auth-failure", 60}}));
  INFO(bucket);
  auto limiter = subject();
  limiter.host.clock().freeze();
  const auto first = limiter.role.take_now(conformance::detail::numbered_address(1), bucket, 1);
  REQUIRE(first);
  CHECK(first->allowed);
  CHECK(first->capacity == per_minute);
  CHECK(first->reset_after_seconds == (60 + per_minute - 1) / per_minute);
}

TEST_CASE("every draw is counted by bucket and outcome") {
  auto limiter = subject();
  limiter.host.clock().freeze();
  const auto address = conformance::detail::numbered_address(1);
  for (int i = 0; i < 5; ++i) (void)limiter.role.take_now(address, "ip:mail", 1);
  const auto counted = [&](const char* outcome) {
    return limiter.host.metrics().value("driftstack_rate_limit_total", {Label("bucket", "ip:mail"), Label("outcome", outcome)});
  };
  CHECK(counted("allowed") == 3);
  CHECK(counted("exceeded") == 2);
}

TEST_CASE("a bucket that nobody knows is denied") {
  auto limiter = subject();
  const auto decision = limiter.role.take_now(conformance::detail::numbered_account(1), "globa", 1);
  REQUIRE(decision);
  CHECK_FALSE(decision->allowed);
  CHECK(decision->retry_after_seconds == 1);
}

TEST_CASE("settings change a tier and leave the others") {
  PluginFixture plugin(kPackage);
  const auto& defaults = plugin.host().settings();
  const auto& tiers = static_cast<const MapSettings&>(*defaults.table("tiers"));
  const auto& free = static_cast<const MapSettings&>(*tiers.table("free"));
  const MapSettings changed = tiers.with({{"free", SettingValue(free.with({{"global_capacity", 2}}))}});
  auto limiter = conformance::from_plugin<RateLimiter>(kPackage, {{"tiers", SettingValue(changed)}});
  CHECK(limiter.role.take_now(conformance::detail::numbered_account(1, "free"), "global", 1)->capacity == 2);
  CHECK(limiter.role.take_now(conformance::detail::numbered_account(2, "enterprise"), "global", 1)->capacity == 60000);
}

TEST_CASE("a limit that its arithmetic cannot hold is refused before the start") {
  PluginFixture defaults(kPackage);
  const auto& addresses = static_cast<const MapSettings&>(*defaults.host().settings().table("address_per_minute"));
  const MapSettings changed = addresses.with({{"login", std::int64_t{10'000'001}}});
  PluginFixture plugin(kPackage, {{"address_per_minute", SettingValue(changed)}});
  const auto configured = plugin.configure();
  REQUIRE_FALSE(configured);
  CHECK(configured.error().detail.find("address_per_minute.login") != std::string::npos);
}

TEST_CASE("a crowd of addresses does not make the limiter forget an account") {
  auto limiter = conformance::from_plugin<RateLimiter>(kPackage, {{"account_buckets", 16}, {"address_buckets", 16}});
  limiter.host.clock().freeze();
  std::int64_t taken = 0;
  const auto account = conformance::detail::numbered_account(1);
  (void)conformance::detail::drain(limiter, account, "sessions:create", taken);
  for (int i = 0; i < 200; ++i)
    (void)limiter.role.take_now(conformance::detail::numbered_address(static_cast<std::uint8_t>(i)), "ip:login", 1);
  CHECK(limiter.host.metrics().value("driftstack_rate_limit_forgotten_total") > 0);
  CHECK_FALSE(limiter.role.take_now(account, "sessions:create", 1)->allowed);
}

}  // namespace
}  // namespace driftstack::testing

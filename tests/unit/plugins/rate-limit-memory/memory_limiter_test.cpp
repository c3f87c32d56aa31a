#include <catch2/catch.hpp>

#include "driftstack/testing/conformance/rate_limiter.hpp"

namespace driftstack::testing {
namespace {

const std::string kPackage = DRIFTSTACK_PLUGIN_PACKAGE;

conformance::Subject<RateLimiter> subject() { return conformance::from_plugin<RateLimiter>(kPackage); }

TEST_CASE("rate-limit-memory keeps the contract of rate.limiter/1") { conformance::rate_limiter(subject); }

TEST_CASE("rate-limit-memory has the published limits") { conformance::published_limits(subject); }

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

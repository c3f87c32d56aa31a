#include "plugins/identity/tiers.hpp"

#include <catch2/catch.hpp>

#include "driftstack/testing/map_settings.hpp"

namespace driftstack::identity {
namespace {

using testing::MapSettings;
using testing::settings_table;
constexpr std::int64_t kGiB = std::int64_t{1} << 30;

}  // namespace

TEST_CASE("the built-in tiers are those of the specification") {
  struct Row {
    const char* slug;
    std::int64_t sessions;
    std::optional<std::int64_t> profiles, proxies;
    std::int64_t gib;
    std::optional<std::int64_t> minutes;
    bool api_access, live_keys, hard_stop;
    std::int64_t log_days;
  };
  const std::optional<std::int64_t> none;
  const Row rows[] = {
      {"free", 1, 1, 1, 1, 20, false, false, true, 7},
      {"solo_manual", 1, 10, 10, 5, none, true, true, true, 30},
      {"team_manual", 3, 50, 25, 25, none, true, true, true, 90},
      {"agency_manual", 8, 200, 50, 100, none, true, true, true, 180},
      {"api_starter", 2, 25, 25, 15, none, true, true, true, 30},
      {"api_builder", 8, 100, 100, 50, none, true, true, true, 90},
      {"api_scale", 24, 500, 500, 250, none, true, true, true, 180},
      {"enterprise", 32, none, none, 500, none, true, true, false, 180},
  };
  const Tiers tiers;
  for (const Row& row : rows) {
    CAPTURE(row.slug);
    const TierCaps caps = tiers.caps(row.slug);
    CHECK(caps.concurrent_sessions == row.sessions);
    CHECK(caps.session_log_days == row.log_days);
    CHECK(caps.profiles == row.profiles);
    CHECK(caps.saved_proxies == row.proxies);
    CHECK(caps.storage_bytes == row.gib * kGiB);
    CHECK(caps.max_session_minutes == row.minutes);
    CHECK(caps.api_access == row.api_access);
    CHECK(caps.live_keys == row.live_keys);
    CHECK(caps.storage_hard_stop == row.hard_stop);
    CHECK_FALSE(tiers.tier(row.slug).api_keys);
  }
}

TEST_CASE("a tier that nobody knows has the caps of free") {
  const Tiers tiers;
  CHECK(tiers.caps("no_such_tier").max_session_minutes == 20);
  CHECK_FALSE(tiers.caps("").api_access);
}

TEST_CASE("settings change what they name and leave the rest") {
  const MapSettings settings({{"free", settings_table({{"api_access", true}, {"max_session_minutes", -1}})},
                              {"api_starter", settings_table({{"api_keys", 3}, {"storage", kGiB}})}});
  Tiers tiers;
  REQUIRE(tiers.read(&settings));
  CHECK(tiers.caps("free").api_access);
  CHECK_FALSE(tiers.caps("free").max_session_minutes);
  CHECK(tiers.caps("free").concurrent_sessions == 1);
  CHECK(tiers.tier("api_starter").api_keys == 3);
  CHECK(tiers.caps("api_starter").storage_bytes == kGiB);
  CHECK(tiers.caps("api_starter").profiles == 25);
}

TEST_CASE("a new tier starts as free, and its name must fit a slug") {
  const MapSettings settings({{"trial", settings_table({{"concurrent_sessions", 4}})}});
  Tiers tiers;
  REQUIRE(tiers.read(&settings));
  CHECK(tiers.caps("trial").concurrent_sessions == 4);
  CHECK(tiers.caps("trial").max_session_minutes == 20);

  const MapSettings too_long({{std::string(24, 'a'), settings_table({})}});
  const auto refused = tiers.read(&too_long);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find(std::string(24, 'a')) != std::string::npos);
}

}  // namespace driftstack::identity

#include "tiers.hpp"

#include <array>

namespace driftstack::identity {
namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;
constexpr std::int64_t kUnlimited = -1;  // as settings and the table below write "no limit"

std::optional<std::int64_t> limit(std::int64_t value) { return value == kUnlimited ? std::nullopt : std::optional(value); }

/// A row of platform.md 8.3; the number of keys and the days of session logs from billing.md 1.
struct Default {
  std::string_view slug;
  std::int64_t sessions, profiles, proxies, storage_gib, minutes;
  bool api_access, live_keys, storage_hard_stop;
  std::int64_t api_keys, log_days;
};

constexpr std::array kDefaults = {
    Default{"free", 1, 1, 1, 1, 20, false, false, true, kUnlimited, 7},  // no keys because it has no API access
    Default{"solo_manual", 1, 10, 10, 5, kUnlimited, true, true, true, kUnlimited, 30},
    Default{"team_manual", 3, 50, 25, 25, kUnlimited, true, true, true, kUnlimited, 90},
    Default{"agency_manual", 8, 200, 50, 100, kUnlimited, true, true, true, kUnlimited, 180},
    Default{"api_starter", 2, 25, 25, 15, kUnlimited, true, true, true, kUnlimited, 30},
    Default{"api_builder", 8, 100, 100, 50, kUnlimited, true, true, true, kUnlimited, 90},
    Default{"api_scale", 24, 500, 500, 250, kUnlimited, true, true, true, kUnlimited, 180},
    Default{"enterprise", 32, kUnlimited, kUnlimited, 500, kUnlimited, true, true, false, kUnlimited, 180},
};

Tier make_tier(const Default& row) {
  Tier tier;
  tier.caps.concurrent_sessions = row.sessions;
  tier.caps.profiles = limit(row.profiles);
  tier.caps.saved_proxies = limit(row.proxies);
  tier.caps.storage_bytes = row.storage_gib * kGiB;
  tier.caps.max_session_minutes = limit(row.minutes);
  tier.caps.api_access = row.api_access;
  tier.caps.live_keys = row.live_keys;
  tier.caps.storage_hard_stop = row.storage_hard_stop;
  tier.caps.session_log_days = row.log_days;
  tier.api_keys = limit(row.api_keys);
  return tier;
}

void merge(const Settings& settings, Tier& tier) {
  TierCaps& caps = tier.caps;
  if (settings.has("concurrent_sessions")) caps.concurrent_sessions = settings.integer("concurrent_sessions");
  if (settings.has("profiles")) caps.profiles = limit(settings.integer("profiles"));
  if (settings.has("saved_proxies")) caps.saved_proxies = limit(settings.integer("saved_proxies"));
  if (settings.has("storage")) caps.storage_bytes = settings.bytes("storage");
  if (settings.has("max_session_minutes")) caps.max_session_minutes = limit(settings.integer("max_session_minutes"));
  if (settings.has("api_access")) caps.api_access = settings.boolean("api_access");
  if (settings.has("live_keys")) caps.live_keys = settings.boolean("live_keys");
  if (settings.has("storage_hard_stop")) caps.storage_hard_stop = settings.boolean("storage_hard_stop");
  if (settings.has("session_log_days")) caps.session_log_days = settings.integer("session_log_days");
  if (settings.has("api_keys")) tier.api_keys = limit(settings.integer("api_keys"));
  if (settings.has("team_seats")) tier.team_seats = limit(settings.integer("team_seats"));
}

constexpr std::size_t kLongestSlug = 23;  // what TierSlug holds

}  // namespace

Tiers::Tiers() {
  for (const Default& row : kDefaults) tiers_.emplace(row.slug, make_tier(row));
}

Result<> Tiers::read(const Settings* tables) {
  if (tables == nullptr) return Done();
  for (const std::string& name : tables->names()) {
    if (name.empty() || name.size() > kLongestSlug) {
      return Error(Errc::validation_failed, "tiers." + name + ": the name of a tier has 1 to 23 characters.");
    }
    const auto [found, is_new] = tiers_.try_emplace(name, tier(kFreeTier));
    if (const Settings* table = tables->table(name)) merge(*table, found->second);
  }
  return Done();
}

const Tier& Tiers::tier(std::string_view slug) const noexcept {
  const auto found = tiers_.find(slug);
  return found != tiers_.end() ? found->second : tiers_.find(kFreeTier)->second;
}

}  // namespace driftstack::identity

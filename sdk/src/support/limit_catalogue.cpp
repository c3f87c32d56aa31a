#include "driftstack/support/limit_catalogue.hpp"

#include <algorithm>

namespace driftstack::rate_limit {

namespace {

// Keys of the manifest. `free` is first: it stands for unknown tiers.
constexpr std::array<std::string_view, 8> kTiers = {"free",        "solo_manual", "team_manual", "agency_manual",
                                                    "api_starter", "api_builder", "api_scale",   "enterprise"};

struct AccountBucket {
  std::string_view name, key;
};
constexpr std::array<AccountBucket, 2> kAccountBuckets = {{{"global", "global"}, {"sessions:create", "sessions_create"}}};

constexpr std::array<std::string_view, 17> kAddressKeys = {
    "status_subscribe", "mail",   "magic_link",         "signup",   "login", "challenge", "token",       "refresh", "device", "oauth",
    "oauth_client",     "status", "register_subscribe", "provider", "files", "public",    "auth_failure"};

/// `ip:auth-failure` of the key `auth_failure`.
std::string address_bucket(std::string_view key) {
  std::string name(kAddressPrefix);
  name += key;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

Limit read_limit(const Settings& tier, std::string_view bucket) {
  Limit limit;
  limit.capacity = tier.integer(std::string(bucket) + "_capacity");
  limit.per_minute = tier.integer(std::string(bucket) + "_per_minute");
  return limit;
}

bool in_bounds(const Limit& limit) {
  return limit.capacity >= 1 && limit.capacity <= kMostTokens && limit.per_minute >= 1 && limit.per_minute <= kMostTokens;
}

Error out_of_bounds(std::string_view where) {
  return Error(Errc::validation_failed, std::string(where) + ": a limit is a whole number from 1 to " + std::to_string(kMostTokens));
}

}  // namespace

LimitCatalogue::LimitCatalogue() {
  for (const auto& bucket : kAccountBuckets) names_.emplace_back(bucket.name);
  for (const auto key : kAddressKeys) names_.push_back(address_bucket(key));
}

Result<LimitCatalogue> LimitCatalogue::from(const Settings& settings) {
  LimitCatalogue catalogue;
  const Settings& tiers = *settings.table("tiers");
  for (const auto name : kTiers) {
    auto& limits = catalogue.by_tier_.emplace_back();
    for (const auto& bucket : kAccountBuckets) {
      limits.push_back(read_limit(*tiers.table(name), bucket.key));
      if (!in_bounds(limits.back())) return out_of_bounds("tiers." + std::string(name) + "." + std::string(bucket.key));
    }
  }
  const Settings& addresses = *settings.table("address_per_minute");
  for (const auto key : kAddressKeys) {
    Limit limit;
    limit.capacity = limit.per_minute = addresses.integer(key);
    if (!in_bounds(limit)) return out_of_bounds("address_per_minute." + std::string(key));
    catalogue.by_address_.push_back(limit);
  }
  return catalogue;
}

std::optional<BucketIndex> LimitCatalogue::find(std::string_view bucket) const noexcept {
  for (BucketIndex i = 0; i < names_.size(); ++i)
    if (names_[i] == bucket) return i;
  return std::nullopt;
}

const Limit& LimitCatalogue::limit(BucketIndex bucket, std::string_view tier) const noexcept {
  return is_account_bucket(bucket) ? by_tier_[tier_index(tier)][bucket] : by_address_[bucket - account_buckets()];
}

bool LimitCatalogue::is_account_bucket(BucketIndex bucket) const noexcept { return bucket < account_buckets(); }

std::size_t LimitCatalogue::account_buckets() const noexcept { return kAccountBuckets.size(); }

std::size_t LimitCatalogue::tier_index(std::string_view tier) const noexcept {
  const auto found = std::find(kTiers.begin(), kTiers.end(), tier);
  return found == kTiers.end() ? 0 : static_cast<std::size_t>(found - kTiers.begin());
}

}  // namespace driftstack::rate_limit

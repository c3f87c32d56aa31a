#pragma once
// The JSON shapes of this plugin. identity.md 2.4, 8, 10; platform.md 5.7.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/scope.hpp"
#include "driftstack/support/page.hpp"
#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "records.hpp"
#include "teams/team.hpp"

namespace driftstack {
inline namespace v1 {
/// Scopes travel by their names; in the namespace of the enumeration, where the binding looks for it.
constexpr auto enum_names(Scope) {
  std::array<std::pair<std::string_view, Scope>, kScopeCount> names{};
  for (std::size_t i = 0; i < kScopeCount; ++i) names[i] = {kScopeNames[i], static_cast<Scope>(i)};
  return names;
}
}  // namespace v1
}  // namespace driftstack

namespace driftstack::identity {

constexpr auto enum_names(AccountStatus) {
  return std::to_array<std::pair<std::string_view, AccountStatus>>(
      {{"active", AccountStatus::active}, {"suspended", AccountStatus::suspended}, {"deleted", AccountStatus::deleted}});
}

// ---------------------------------------------------------------- API keys

struct ApiKey {
  KeyId id;
  std::string name;
  std::string key_prefix;
  ScopeList scopes;
  std::optional<Timestamp> last_used_at, revoked_at, expires_at;
  Timestamp created_at;

  static constexpr auto shape =
      wire::object(wire::field<&ApiKey::id>("id"), wire::field<&ApiKey::name>("name"), wire::field<&ApiKey::key_prefix>("key_prefix"),
                   wire::field<&ApiKey::scopes>("scopes"), wire::field<&ApiKey::last_used_at>("last_used_at", wire::nullable),
                   wire::field<&ApiKey::revoked_at>("revoked_at", wire::nullable),
                   wire::field<&ApiKey::expires_at>("expires_at", wire::nullable), wire::field<&ApiKey::created_at>("created_at"));
};

struct ApiKeyList {
  std::vector<ApiKey> data;
  static constexpr auto shape = wire::object(wire::field<&ApiKeyList::data>("data"));
};

struct ApiKeyCreate {
  std::string name;
  ScopeList scopes;
  std::optional<Timestamp> expires_at;

  static constexpr auto shape = wire::object(
      wire::field<&ApiKeyCreate::name>("name", wire::length(1, 120)),
      wire::field<&ApiKeyCreate::scopes>("scopes", wire::min_items(1), wire::max_items(std::int64_t{kScopeCount}), wire::unique),
      wire::field<&ApiKeyCreate::expires_at>("expires_at", wire::doc("Must be in the future.")));
};

struct ApiKeyRotate {
  std::optional<std::string> name;
  static constexpr auto shape =
      wire::object(wire::field<&ApiKeyRotate::name>("name", wire::length(1, 120), wire::doc("Of the new key; the old name when absent.")));
};

/// A key that was just made: the only answer that shows its plaintext.
struct ApiKeyCreated {
  KeyId id;
  std::string name;
  std::string key_prefix;
  ScopeList scopes;
  std::optional<Timestamp> last_used_at, revoked_at, expires_at;
  Timestamp created_at;
  std::string plaintext;
  std::optional<KeyId> rotated_from;
  std::optional<Timestamp> grace_period_ends_at;

  static constexpr auto shape = wire::object(
      wire::field<&ApiKeyCreated::id>("id"), wire::field<&ApiKeyCreated::name>("name"),
      wire::field<&ApiKeyCreated::key_prefix>("key_prefix"), wire::field<&ApiKeyCreated::scopes>("scopes"),
      wire::field<&ApiKeyCreated::last_used_at>("last_used_at", wire::nullable),
      wire::field<&ApiKeyCreated::revoked_at>("revoked_at", wire::nullable),
      wire::field<&ApiKeyCreated::expires_at>("expires_at", wire::nullable), wire::field<&ApiKeyCreated::created_at>("created_at"),
      wire::field<&ApiKeyCreated::plaintext>("plaintext", wire::doc("The key itself, shown this once.")),
      wire::field<&ApiKeyCreated::rotated_from>("rotated_from", wire::doc("Of a rotation: the key that this one succeeds.")),
      wire::field<&ApiKeyCreated::grace_period_ends_at>("grace_period_ends_at", wire::doc("Of a rotation: when the old key ends.")));
};

// ---------------------------------------------------------------- account

enum class Region : std::uint8_t { us, eu, apac };
constexpr auto enum_names(Region) {
  return std::to_array<std::pair<std::string_view, Region>>({{"us", Region::us}, {"eu", Region::eu}, {"apac", Region::apac}});
}

enum class AvatarSource : std::uint8_t { user, idp, none };
constexpr auto enum_names(AvatarSource) {
  return std::to_array<std::pair<std::string_view, AvatarSource>>(
      {{"user", AvatarSource::user}, {"idp", AvatarSource::idp}, {"none", AvatarSource::none}});
}

/// A team that the account joined.
struct TeamOwner {
  AccountId owner_account_id;
  std::string owner_email;
  std::optional<std::string> owner_name;
  MemberRole role = MemberRole::member;
  MembershipId membership_id;

  static constexpr auto shape =
      wire::object(wire::field<&TeamOwner::owner_account_id>("owner_account_id"), wire::field<&TeamOwner::owner_email>("owner_email"),
                   wire::field<&TeamOwner::owner_name>("owner_name", wire::nullable), wire::field<&TeamOwner::role>("role"),
                   wire::field<&TeamOwner::membership_id>("membership_id"));
};

struct AccountView {
  AccountId id;
  std::string email;
  std::optional<std::string> name;
  std::string tier;
  AccountStatus status = AccountStatus::active;
  std::optional<std::string> timezone, slug;
  std::optional<std::string> region;
  std::optional<std::string> avatar_url;
  AvatarSource avatar_source = AvatarSource::none;
  bool mfa_enrolled = false;
  std::int64_t concurrent_session_cap = 0;
  std::int64_t concurrent_session_active = 0;
  std::optional<std::int64_t> profile_cap;
  std::int64_t profile_count = 0;
  std::vector<TeamOwner> teams;

  static constexpr auto shape = wire::object(
      wire::field<&AccountView::id>("id"), wire::field<&AccountView::email>("email"),
      wire::field<&AccountView::name>("name", wire::nullable), wire::field<&AccountView::tier>("tier"),
      wire::field<&AccountView::status>("status"), wire::field<&AccountView::timezone>("timezone", wire::nullable, wire::doc("IANA name.")),
      wire::field<&AccountView::slug>("slug", wire::nullable), wire::field<&AccountView::region>("region", wire::nullable),
      wire::field<&AccountView::avatar_url>("avatar_url", wire::nullable), wire::field<&AccountView::avatar_source>("avatar_source"),
      wire::field<&AccountView::mfa_enrolled>("mfa_enrolled"), wire::field<&AccountView::concurrent_session_cap>("concurrent_session_cap"),
      wire::field<&AccountView::concurrent_session_active>("concurrent_session_active"),
      wire::field<&AccountView::profile_cap>("profile_cap", wire::nullable, wire::doc("Null when there is no cap.")),
      wire::field<&AccountView::profile_count>("profile_count"), wire::field<&AccountView::teams>("teams"));
};

/// At least one field; null clears.
struct AccountPatch {
  std::optional<std::optional<std::string>> name, timezone, slug;
  std::optional<std::optional<Region>> region;

  friend void check(const AccountPatch& patch, wire::Issues& issues) {
    if (!patch.name && !patch.timezone && !patch.slug && !patch.region) {
      issues.add(std::initializer_list<wire::PathStep>{}, wire::IssueCode::required,
                 "must name at least one of name, timezone, slug, region");
    }
    if (patch.slug && *patch.slug && (*patch.slug)->find("--") != std::string::npos) {
      issues.add("slug", wire::IssueCode::pattern, "must not hold two dashes in a row");
    }
  }

  static constexpr auto shape = wire::object(wire::field<&AccountPatch::name>("name", wire::trimmed, wire::length(1, 120)),
                                             wire::field<&AccountPatch::timezone>("timezone", wire::trimmed, wire::length(1, 64)),
                                             wire::field<&AccountPatch::slug>("slug", wire::length(3, 32), wire::matches(kKebabPattern)),
                                             wire::field<&AccountPatch::region>("region"));
};

struct WhoAmI {
  AccountId account_id;
  std::optional<KeyId> api_key_id;
  std::string tier;
  ScopeList scopes;
  static constexpr auto shape =
      wire::object(wire::field<&WhoAmI::account_id>("account_id"), wire::field<&WhoAmI::api_key_id>("api_key_id", wire::nullable),
                   wire::field<&WhoAmI::tier>("tier"), wire::field<&WhoAmI::scopes>("scopes"));
};

// ---------------------------------------------------------------- rate limits

enum class LimitSource : std::uint8_t { tier_default, override_ };
constexpr auto enum_names(LimitSource) {
  return std::to_array<std::pair<std::string_view, LimitSource>>(
      {{"tier_default", LimitSource::tier_default}, {"override", LimitSource::override_}});
}

struct BucketView {
  std::string bucket_key;
  std::int64_t capacity = 0;
  double refill_per_second = 0;
  LimitSource source = LimitSource::tier_default;
  std::optional<Timestamp> override_expires_at;
  static constexpr auto shape =
      wire::object(wire::field<&BucketView::bucket_key>("bucket_key"), wire::field<&BucketView::capacity>("capacity"),
                   wire::field<&BucketView::refill_per_second>("refill_per_second"), wire::field<&BucketView::source>("source"),
                   wire::field<&BucketView::override_expires_at>("override_expires_at", wire::nullable));
};

struct RateLimitsView {
  std::string tier;
  std::vector<BucketView> buckets;
  static constexpr auto shape = wire::object(wire::field<&RateLimitsView::tier>("tier"), wire::field<&RateLimitsView::buckets>("buckets"));
};

}  // namespace driftstack::identity

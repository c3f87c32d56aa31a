#pragma once
// The tier table: caps of each plan, from the defaults of platform.md 8.3 and the operator's settings.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/accounts.hpp"

namespace driftstack::identity {

/// A tier as this plugin sees it.
struct Tier {
  TierCaps caps;
  std::optional<std::int64_t> api_keys;    ///< live keys of an account; empty = no limit (billing.md 1)
  std::optional<std::int64_t> team_seats;  ///< members beside the owner; empty = no limit (billing.md 1)
};

/// Constant after `read`. [any-thread]
class Tiers final : public AccountDirectory {
 public:
  /// The table without any setting.
  Tiers();
  /// Merges the `tiers` tables over the defaults; a tier without a default starts as `free`. Errc::validation_failed names the key.
  Result<> read(const Settings* tables);

  /// The tier by slug; an unknown slug is `free`.
  const Tier& tier(std::string_view slug) const noexcept;
  TierCaps caps(std::string_view slug) const noexcept override { return tier(slug).caps; }

 private:
  std::map<std::string, Tier, std::less<>> tiers_;
};

inline constexpr std::string_view kFreeTier = "free";
inline constexpr std::string_view kBootstrapTier = "enterprise";  // identity.md 14

}  // namespace driftstack::identity

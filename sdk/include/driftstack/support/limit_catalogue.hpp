/// Which buckets there are, and how much each holds for whom (platform.md 5.3 and 5.6).
///
/// Purpose: one list of buckets for every plugin that fills the role `rate.limiter/1`, read from settings of one form: tables `tiers` and
/// `address_per_minute`, as in the manifest of `rate-limit-memory`. Thread: any, constant after construction. Errors: a limit out of bounds
/// is Errc::validation_failed and names its key.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/support/token_bucket.hpp"

namespace driftstack::rate_limit {

inline constexpr std::string_view kAddressPrefix = "ip:";

/// Index of a bucket: account buckets first, then address buckets.
using BucketIndex = std::uint32_t;

/// Read from the settings once; constant afterwards. [any-thread]
class LimitCatalogue {
 public:
  static Result<LimitCatalogue> from(const Settings& settings);

  std::optional<BucketIndex> find(std::string_view bucket) const noexcept;
  /// The limit of a bucket; the tier counts for account buckets only. An unknown tier has the limits of `free`.
  const Limit& limit(BucketIndex bucket, std::string_view tier) const noexcept;
  bool is_account_bucket(BucketIndex bucket) const noexcept;
  /// Names by index.
  const std::vector<std::string>& names() const noexcept { return names_; }
  std::size_t account_buckets() const noexcept;

 private:
  LimitCatalogue();
  std::size_t tier_index(std::string_view tier) const noexcept;

  std::vector<std::string> names_;
  std::vector<std::vector<Limit>> by_tier_;  // [tier][account bucket]
  std::vector<Limit> by_address_;            // [address bucket]
};

}  // namespace driftstack::rate_limit

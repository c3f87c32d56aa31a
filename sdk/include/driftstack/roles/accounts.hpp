#pragma once
// Interfaces between the plugins that own accounts and those that own an account's resources.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack {
inline namespace v1 {

/// Caps of a tier (platform.md 8.3). An empty optional is "no limit".
struct TierCaps {
  std::int64_t concurrent_sessions = 0;
  std::optional<std::int64_t> profiles;
  std::optional<std::int64_t> saved_proxies;
  std::int64_t storage_bytes = 0;
  std::optional<std::int64_t> max_session_minutes;
  bool api_access = false;
  bool live_keys = false;             ///< `ds_live_` keys, else `ds_test_`
  bool storage_hard_stop = true;      ///< false: alert only
  std::int64_t session_log_days = 7;  ///< how long the log of a session is kept
};

/// The tier table and per-account facts. Provided by `identity`.
class AccountDirectory {
 public:
  static constexpr InterfaceId kId{"account.directory", 1};
  /// Caps of a tier by its slug; an unknown slug has the caps of `free`. [any-thread]
  virtual TierCaps caps(std::string_view tier) const noexcept = 0;

 protected:
  ~AccountDirectory() = default;
};

/// Live counts of an account's resources, shown by GET /v1/account/me. Provided by `sessions`.
class AccountUsage {
 public:
  static constexpr InterfaceId kId{"account.usage", 1};
  /// Sessions in creating, ready or busy. [io-thread]
  virtual AsyncResult<std::int64_t> active_sessions(const Call& call, const Uuid& account) = 0;
  /// Live and trashed profiles. [io-thread]
  virtual AsyncResult<std::int64_t> profiles(const Call& call, const Uuid& account) = 0;

 protected:
  ~AccountUsage() = default;
};

}  // namespace v1
}  // namespace driftstack

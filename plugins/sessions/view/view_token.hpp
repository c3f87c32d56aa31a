#pragma once
// The right to look at one session for ten minutes, or to take it over.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "driftstack/host.hpp"
#include "driftstack/uuid.hpp"
#include "session.hpp"

namespace driftstack::sessions {

enum class ViewMode : std::uint8_t { view, control };
constexpr auto enum_names(ViewMode) {
  return std::to_array<std::pair<std::string_view, ViewMode>>({{"view", ViewMode::view}, {"control", ViewMode::control}});
}

inline constexpr std::int64_t kViewTokenMicros = std::int64_t{10} * 60 * 1'000'000;

/// A row: what a token is good for. The token itself is shown once and nowhere kept.
struct ViewToken {
  std::string digest;  ///< of the token, see digest_of_view_token
  Uuid account;
  SessionId session;
  ViewMode mode = ViewMode::view;
  std::int64_t expires_at = 0;  ///< microseconds since 1970 UTC
  std::int64_t log_days = 0;    ///< how long the session's log keeps what is done with it; by the tier of its maker
};

/// `vwt_` and 32 random bytes.
[[nodiscard]] std::string new_view_token();
/// What the database finds a token by; nobody can make the token of it.
[[nodiscard]] std::string digest_of_view_token(Secrets& secrets, std::string_view token);

}  // namespace driftstack::sessions

#pragma once
// Errors as values. Every call that can fail answers a Result; an Error is at the same time the problem that a customer may see.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace driftstack {
inline namespace v1 {

/// What went wrong. The first block is the problem catalogue of the wire (one value per slug, `problem.hpp` has status and title);
/// the second block is for callers inside the server and reaches the wire as `internal`.
/// Values are never renumbered; a receiver maps a value that it does not know to `internal`.
enum class Errc : std::uint16_t {
  internal = 0,
  bad_request = 1,
  validation_failed = 2,
  invalid_auth_token = 3,
  unauthorized = 4,
  invalid_key = 5,
  revoked_key = 6,
  expired_key = 7,
  invalid_credentials = 8,
  trial_ended = 9,
  forbidden = 10,
  mfa_step_up_required = 11,
  email_not_verified = 12,
  not_found = 13,
  conflict = 14,
  email_already_registered = 15,
  legal_acceptance_required = 16,
  storage_quota_exceeded = 17,
  profile_in_use = 18,
  session_destroyed = 19,
  payload_too_large = 20,
  proxy_validation_failed = 21,
  rate_limited = 22,
  concurrency_limit = 23,
  tier_limit = 24,
  driver_error = 25,
  driver_not_integrated = 26,
  feature_unavailable = 27,
  session_timeout = 28,

  constraint = 100,       ///< a CHECK, NOT NULL or foreign key refused the row
  busy = 101,             ///< overloaded or locked for longer than the engine repeats; safe to try again
  outcome_unknown = 102,  ///< a write was sent, its answer was lost; never repeat it blindly
  misuse = 103,           ///< the caller broke a rule of the interface
  cancelled = 104,        ///< the caller lost interest
  timeout = 105,          ///< the deadline of the Call passed
  unreachable = 106,      ///< the other side could not be reached
  unavailable = 107,      ///< a needed service is absent
};

/// Why a call failed. Value type, owns its texts, safe to move between threads.
struct Error {
  /// `detail` is a sentence for a person; it names the thing, the place and the rule and never holds a secret.
  Error(Errc code, std::string detail) : code(code), detail(std::move(detail)) {}

  /// Extension members of the problem as JSON object members without braces: `"limit":2,"current_sessions":2`.
  Error with_members(std::string json_members) && {
    members = std::move(json_members);
    return std::move(*this);
  }
  /// `Retry-After` of the answer, in whole seconds (only for problems that carry one).
  Error with_retry_after(std::int64_t seconds) && {
    retry_after_seconds = seconds;
    return std::move(*this);
  }
  /// Name of the violated index or constraint (database answers).
  Error with_constraint(std::string name) && {
    constraint = std::move(name);
    return std::move(*this);
  }

  Errc code;
  std::string detail;
  std::string members;
  std::string constraint;
  std::int64_t retry_after_seconds = 0;
};

/// The value of a call that has nothing to say but that it worked.
struct Done {};

/// Either a value or an Error.
template <class T = Done>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result() requires std::is_default_constructible_v<T> : state_(std::in_place_index<0>) {}
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const noexcept { return state_.index() == 0; }
  bool has_value() const noexcept { return state_.index() == 0; }

  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  Error& error() & noexcept { return *std::get_if<1>(&state_); }
  const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace v1
}  // namespace driftstack

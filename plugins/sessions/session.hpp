#pragma once
// A browser session: its record, its states and what an operation's end means for it. No HTTP, no SQL, no browser.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "driftstack/result.hpp"
#include "driftstack/support/public_id.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack::sessions {

/// `ses_<uuid>`: how customers, logs and the browser backend name a session.
using SessionId = PublicId<"ses">;

enum class Status : std::uint8_t { creating, ready, busy, destroyed, errored };
constexpr auto enum_names(Status) {
  return std::to_array<std::pair<std::string_view, Status>>({{"creating", Status::creating},
                                                             {"ready", Status::ready},
                                                             {"busy", Status::busy},
                                                             {"destroyed", Status::destroyed},
                                                             {"errored", Status::errored}});
}

/// What can happen to a session.
enum class Event : std::uint8_t {
  driver_ready,  ///< the browser stands
  claimed,       ///< an operation wants it
  released,      ///< the operation is over and the page lives on
  failed,        ///< start or operation failed for good, or the browser is gone
  destroyed,     ///< the customer, or the duration cap
};

/// The state machine of the specification. Nothing for a pair that is not in the table: the event is refused, the status stays.
[[nodiscard]] std::optional<Status> next(Status from, Event event) noexcept;

[[nodiscard]] constexpr bool is_terminal(Status status) noexcept { return status == Status::destroyed || status == Status::errored; }

/// Driver operations: each claims the session for its time (but for `view_token`, which asks nothing of the browser). `control` is input
/// of a person who took the session over.
enum class Operation : std::uint8_t { navigate, interact, wait, state, capture, extract, search, login, view_token, control };
[[nodiscard]] std::string_view name_of(Operation operation) noexcept;

/// Whether a session outlives the failure of an operation. A failed navigation ends it by contract; a selector that does not parse, a
/// target that was not found in time, a conflict of frames and an answer that is too large leave the page as it was; anything else leaves a
/// browser that nobody can trust.
enum class Aftermath : std::uint8_t { lives, ends };
[[nodiscard]] Aftermath aftermath(Operation operation, Errc error) noexcept;

/// Why a session ended. The text is stored and, for destroyed sessions, part of the audit entry.
enum class EndReason : std::uint8_t {
  customer,      ///< DELETE
  duration_cap,  ///< wall clock limit of the tier
  driver,        ///< start or operation failed
  runtime,       ///< the browser ended by itself between operations
  server,        ///< the server that ran it stopped or crashed
};
[[nodiscard]] std::string_view name_of(EndReason reason) noexcept;

/// A row. `status` is never `busy` there: that an operation runs is known to the memory of the server that runs it.
struct Session {
  SessionId id;
  Uuid account;
  Uuid api_key;  ///< nil when a web session or an OAuth token created it
  Status status = Status::creating;
  std::string archetype;
  std::optional<Uuid> profile;  ///< whose state it began with
  std::optional<Uuid> proxy;    ///< saved proxy that it goes through
  std::optional<std::string> label;
  std::optional<std::string> metadata;  ///< compact JSON object
  std::int64_t created_at = 0;          ///< microseconds since 1970 UTC, as all times here
  std::int64_t updated_at = 0;
  std::optional<std::int64_t> last_state_at;
  std::optional<std::int64_t> destroyed_at;
};

}  // namespace driftstack::sessions

#pragma once
// One entry of a session's log.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "driftstack/support/public_id.hpp"
#include "driftstack/uuid.hpp"
#include "session.hpp"

namespace driftstack::sessions {

/// `evt_<uuid>`
using LogEntryId = PublicId<"evt">;

/// What an entry is about (README.md of the specification, session log).
enum class LogKind : std::uint8_t { navigation, console, network, error, action };
constexpr auto enum_names(LogKind) {
  return std::to_array<std::pair<std::string_view, LogKind>>({{"navigation", LogKind::navigation},
                                                              {"console", LogKind::console},
                                                              {"network", LogKind::network},
                                                              {"error", LogKind::error},
                                                              {"action", LogKind::action}});
}
inline constexpr std::size_t kLogKinds = 5;

enum class EntryLevel : std::uint8_t { info, warn, error };
constexpr auto enum_names(EntryLevel) {
  return std::to_array<std::pair<std::string_view, EntryLevel>>(
      {{"info", EntryLevel::info}, {"warn", EntryLevel::warn}, {"error", EntryLevel::error}});
}

/// A row. Holds nothing that a customer typed into a page.
struct LogEntry {
  LogEntryId id;
  Uuid account;
  SessionId session;
  LogKind kind = LogKind::action;
  EntryLevel level = EntryLevel::info;
  std::string message;
  std::optional<std::string> url;
  std::string data = "{}";      ///< compact JSON object
  std::int64_t at = 0;          ///< microseconds since 1970 UTC; no two entries of one server have the same
  std::int64_t expires_at = 0;  ///< by the tier of the caller
};

}  // namespace driftstack::sessions

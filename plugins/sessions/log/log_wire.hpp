#pragma once
// Session logs as customers see them.

#include <cstdint>
#include <optional>
#include <string>

#include "driftstack/support/page.hpp"
#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "log/log_entry.hpp"

namespace driftstack::sessions::body {

struct LogEntry {
  LogEntryId id;
  SessionId session_id;
  LogKind kind = LogKind::action;
  EntryLevel level = EntryLevel::info;
  std::string message;
  std::optional<std::string> url;
  Timestamp at;
  wire::Json data;
  static constexpr auto shape = wire::object(
      wire::field<&LogEntry::id>("id"), wire::field<&LogEntry::session_id>("session_id"), wire::field<&LogEntry::kind>("kind"),
      wire::field<&LogEntry::level>("level"), wire::field<&LogEntry::message>("message"),
      wire::field<&LogEntry::url>("url", wire::nullable), wire::field<&LogEntry::at>("at"),
      wire::field<&LogEntry::data>("data", wire::doc("An action: operation, action, selector, outcome, duration_ms. A navigation: "
                                                     "requested_url, status, duration_ms.")));
};

struct LogQuery {
  std::int32_t limit = kDefaultPageSize;
  std::optional<std::string> cursor;
  std::optional<std::string> kind;
  static constexpr auto shape = wire::object(
      wire::field<&LogQuery::limit>("limit", wire::defaulted, wire::min(1), wire::max(kMaxPageSize)),
      wire::field<&LogQuery::cursor>("cursor", wire::length(1, kMaxCursorLength)),
      wire::field<&LogQuery::kind>("kind", wire::length(1, 100),
                                   wire::doc("Kinds between commas: navigation, console, network, error, action; absent: all.")));
};

[[nodiscard]] LogEntry show(sessions::LogEntry entry);

}  // namespace driftstack::sessions::body

#pragma once
// All SQL of session logs.

#include <array>
#include <cstdint>
#include <vector>

#include "driftstack/roles/database.hpp"
#include "driftstack/support/cursor.hpp"
#include "log/log_entry.hpp"

namespace driftstack::sessions {

/// Which kinds are asked for, in the order of the enumeration.
using LogKinds = std::array<bool, kLogKinds>;

/// [io-thread]
class LogStore {
 public:
  explicit LogStore(db::Database& database) : database_(database) {}

  /// All or none.
  AsyncResult<> insert(const Call& call, const std::vector<LogEntry>& entries);
  /// At most `limit` entries before `after`, newest first.
  AsyncResult<std::vector<LogEntry>> page(const Call& call, const Uuid& account, const SessionId& session, LogKinds kinds, std::int64_t now,
                                          const CursorPosition& after, std::int64_t limit);
  /// At most `limit` entries behind that moment, oldest first.
  AsyncResult<std::vector<LogEntry>> since(const Call& call, const Uuid& account, const SessionId& session, LogKinds kinds, std::int64_t at,
                                           std::int64_t limit);
  /// Deletes some of what is over; their number, 0 when nothing is left.
  AsyncResult<std::int64_t> delete_expired(const Call& call, std::int64_t now);

 private:
  db::Database& database_;
};

}  // namespace driftstack::sessions

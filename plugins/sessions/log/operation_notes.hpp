#pragma once
// What an operation leaves in its session's log.

#include <optional>
#include <string>

#include "driftstack/host.hpp"
#include "driftstack/roles/accounts.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "live_session.hpp"
#include "log/session_log.hpp"

namespace driftstack::sessions {

/// What is said of an action beside its operation; never what was typed or pressed.
struct ActionFacts {
  std::optional<std::string> kind, selector;
};
[[nodiscard]] ActionFacts facts_of(const browser::Action& action);

/// Whose log an entry belongs to, and for how long.
struct LogPlace {
  Uuid account;
  SessionId session;
  std::int64_t days = 0;
};

/// [any-thread]
class OperationNotes {
 public:
  OperationNotes(Clock& clock, SessionLog& log, const AccountDirectory& accounts) : clock_(clock), log_(log), accounts_(accounts) {}

  /// `error` is what the customer hears, or null.
  void note_action(const Call& call, const SessionId& session, Operation operation, const ActionFacts& facts, Moment begun,
                   const Error* error);
  /// The same for what is done without a caller.
  void note_action(const LogPlace& place, Operation operation, const ActionFacts& facts, Moment begun, const Error* error);
  void note_navigation(const Call& call, const SessionId& session, const std::string& url, const Result<browser::Navigated>& outcome);

 private:
  LogPlace place_of(const Call& call, const SessionId& session) const;
  LogEntry begin(const LogPlace& place, LogKind kind) const;

  Clock& clock_;
  SessionLog& log_;
  const AccountDirectory& accounts_;
};

}  // namespace driftstack::sessions

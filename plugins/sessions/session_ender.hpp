#pragma once
// Carries out the end of a session: memory decides who ends it, then the profile's state is kept, then the row follows, then the browser.

#include <memory>
#include <optional>
#include <string>

#include "driftstack/host.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "in_flight.hpp"
#include "live_session.hpp"
#include "profiles/state_keeper.hpp"
#include "session_registry.hpp"
#include "store.hpp"

namespace driftstack::sessions {

/// [io-thread]
class SessionEnder final : public browser::Listener {
 public:
  /// `backend` may be null: then there is no browser to stop.
  SessionEnder(Host& host, SessionStore& store, SessionRegistry& registry, InFlight& in_flight, StateKeeper& keeper,
               browser::Backend* backend)
      : host_(host), store_(store), registry_(registry), in_flight_(in_flight), keeper_(keeper), backend_(backend) {}

  /// Carries out the end of a session that has ended in memory; answers when its row is terminal and its browser gone. An error says that
  /// the row could not be written; the session is over all the same, and the reaper repeats what is left.
  AsyncResult<> carry_out(std::shared_ptr<LiveSession> session);
  /// Ends a session unless something else did, and carries it out without waiting; memory decides before this returns.
  void end_in_background(std::shared_ptr<LiveSession> session, Ending ending);
  /// Repeats what is left of an end, without waiting.
  void carry_out_in_background(std::shared_ptr<LiveSession> session);
  /// DELETE by a customer, also for a row that no browser of this server belongs to. not_found for an unknown or foreign id.
  AsyncResult<> destroy(const Call& call, const Uuid& account, SessionId id);

  /// The browser ended by itself. [any io-thread]
  void browser_gone(std::string session_id, std::string reason, browser::Traffic traffic) noexcept override;

 private:
  Task<> carry_out_unwatched(std::shared_ptr<LiveSession> session);
  Task<> save_state(const Call& call, LiveSession& session);
  AsyncResult<> finish_row(const Call& call, LiveSession& session);
  Task<> stop_browser(const Call& call, LiveSession& session);
  void log_traffic(const std::string& session, const browser::Traffic& traffic) const;
  void log_end(const LiveSession& session, const Ending& ending) const;

  Host& host_;
  SessionStore& store_;
  SessionRegistry& registry_;
  InFlight& in_flight_;
  StateKeeper& keeper_;
  browser::Backend* backend_;
};

/// A clean end, with its audit entry: by the caller of a request, or by the system.
[[nodiscard]] Ending ending_by_customer(const Call& call, const SessionId& id, std::int64_t now);
[[nodiscard]] Ending ending_by_duration_cap(const Uuid& account, const SessionId& id, std::int64_t now);

/// What the caller hears whose work an end cut short: session_destroyed after a clean end, driver_error after any other.
[[nodiscard]] Error error_of(const Ending& ending);

}  // namespace driftstack::sessions

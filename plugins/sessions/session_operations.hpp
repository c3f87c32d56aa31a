#pragma once
// What a customer does with a ready session: claim it, drive the browser, give it back or end it.

#include <cstdint>
#include <memory>

#include "artifacts/artifacts.hpp"
#include "driftstack/host.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "in_flight.hpp"
#include "log/operation_notes.hpp"
#include "session_ender.hpp"
#include "session_registry.hpp"
#include "store.hpp"
#include "wire.hpp"

namespace driftstack::sessions {

/// All operations: not_found, conflict (busy or creating), session_destroyed, driver_error, session_timeout. [io-thread]
class SessionOperations {
 public:
  /// `backend` may be null: then no session is live and none is driven.
  SessionOperations(Host& host, SessionStore& store, SessionRegistry& registry, SessionEnder& ender, InFlight& in_flight,
                    Artifacts& artifacts, OperationNotes& notes, browser::Backend* backend)
      : host_(host),
        store_(store),
        registry_(registry),
        ender_(ender),
        in_flight_(in_flight),
        artifacts_(artifacts),
        notes_(notes),
        backend_(backend) {}

  AsyncResult<body::Navigated> navigate(const Call& call, SessionId id, body::Navigate body);
  AsyncResult<body::Interacted> interact(const Call& call, SessionId id, body::Interact body);
  AsyncResult<browser::Waited> wait(const Call& call, SessionId id, body::Wait body);
  AsyncResult<body::State> state(const Call& call, SessionId id);
  AsyncResult<body::Captured> capture(const Call& call, SessionId id, body::Capture body);
  AsyncResult<browser::Extracted> extract(const Call& call, SessionId id, body::Extract body);
  /// driver_not_integrated, before anything is looked up, when the backend offers neither.
  AsyncResult<browser::Searched> search(const Call& call, SessionId id, body::Search body);
  AsyncResult<browser::LoggedIn> login(const Call& call, SessionId id, body::Login body);
  [[nodiscard]] bool fills_in_forms() const noexcept { return backend_ != nullptr && backend_->fills_in_forms(); }

 private:
  /// `command(call)` is what the browser does. It is a named function object in the caller's frame.
  template <class Answer, class Command>
  AsyncResult<Answer> drive(const Call& call, SessionId id, Operation operation, std::int64_t timeout_ms, Command& command,
                            ActionFacts facts = ActionFacts());
  AsyncResult<std::shared_ptr<LiveSession>> claim(const Call& call, SessionId id, Operation operation, Moment finish_by);
  // All three always answer an error: the one that the customer hears.
  AsyncResult<> explain_absence(const Call& call, SessionId id);
  AsyncResult<> after_end(std::shared_ptr<LiveSession> session);
  AsyncResult<> after_failure(std::shared_ptr<LiveSession> session, Operation operation, std::int64_t timeout_ms, Error error);

  Host& host_;
  SessionStore& store_;
  SessionRegistry& registry_;
  SessionEnder& ender_;
  InFlight& in_flight_;
  Artifacts& artifacts_;
  OperationNotes& notes_;
  browser::Backend* backend_;
};

}  // namespace driftstack::sessions

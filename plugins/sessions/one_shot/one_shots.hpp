#pragma once
// One-shot runs: a browser for one page and one capture. A run counts as a session while it lasts, and leaves no row.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "archetype_catalog.hpp"
#include "driftstack/host.hpp"
#include "driftstack/roles/accounts.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "in_flight.hpp"
#include "live_session.hpp"
#include "one_shot/slot_store.hpp"

namespace driftstack::sessions {

/// What a run brought home.
struct OneShotCatch {
  SessionId run;
  browser::Captured captured;  ///< `duration_ms` is that of the whole run
};

/// [io-thread]
class OneShots {
 public:
  /// `backend` may be null: then every run is refused.
  OneShots(Host& host, SlotStore& slots, InFlight& in_flight, const AccountDirectory& accounts, browser::Backend* backend,
           const ArchetypeCatalog& catalog)
      : host_(host), slots_(slots), in_flight_(in_flight), accounts_(accounts), backend_(backend), catalog_(catalog) {}

  /// Starts a browser, loads, captures, ends the browser: whatever happens, it is gone when this answers. Errors are those of the
  /// operations of a session, and concurrency_limit. The session ids of the messages are filled in.
  AsyncResult<OneShotCatch> run(const Call& call, browser::Navigate navigate, browser::Capture capture);

  /// From now on nothing is started; what runs ends soon. [any-thread]
  void close() noexcept { closed_.store(true); }

 private:
  struct Run;
  class CutIsDone;
  AsyncResult<> take_slot(const Call& call, const Run& run, std::int64_t timeout_ms);
  AsyncResult<browser::Captured> drive(Run& run, browser::Navigate navigate, browser::Capture capture);
  Task<> finish(const Run& run);
  Task<> watch(std::shared_ptr<Run> run, IoThread thread);
  Task<> stop_browser(const Run& run);

  Host& host_;
  SlotStore& slots_;
  InFlight& in_flight_;
  const AccountDirectory& accounts_;
  browser::Backend* backend_;
  const ArchetypeCatalog& catalog_;
  std::atomic<bool> closed_{false};
};

}  // namespace driftstack::sessions

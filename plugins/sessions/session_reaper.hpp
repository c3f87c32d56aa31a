#pragma once
// Ends sessions whose time is over, repeats ends that were not carried out, and forgets old rows.

#include <atomic>
#include <chrono>

#include "driftstack/host.hpp"
#include "in_flight.hpp"
#include "profiles/profiles.hpp"
#include "session_ender.hpp"
#include "session_registry.hpp"
#include "store.hpp"

namespace driftstack::sessions {

/// [io-thread]
class SessionReaper {
 public:
  /// How long a session may outlive its cap, and a hung operation its timeout.
  static constexpr std::chrono::milliseconds kPeriod{500};

  SessionReaper(Host& host, SessionStore& store, SessionRegistry& registry, SessionEnder& ender, Profiles& profiles,
                std::chrono::microseconds retention)
      : host_(host),
        store_(store),
        registry_(registry),
        ender_(ender),
        profiles_(profiles),
        retention_(retention),
        next_purge_(host.clock().steady()) {}

  /// Runs until `stop`.
  Task<> run(IoThread thread);
  /// Makes `run` end at its next tick. [any-thread]
  void stop() noexcept { stopping_.store(true); }

 private:
  void end_what_is_due(Moment now);
  Task<> purge(Moment now, IoThread thread);
  Task<> purge_rows(IoThread thread);
  Task<> purge_trash(IoThread thread);

  Host& host_;
  SessionStore& store_;
  SessionRegistry& registry_;
  SessionEnder& ender_;
  Profiles& profiles_;
  std::chrono::microseconds retention_;
  Moment next_purge_;
  std::atomic<bool> stopping_{false};
};

}  // namespace driftstack::sessions

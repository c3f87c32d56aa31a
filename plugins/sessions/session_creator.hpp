#pragma once
// POST /v1/sessions: from a checked body to a browser that stands.

#include <atomic>
#include <memory>
#include <string>

#include "archetype_catalog.hpp"
#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/accounts.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "in_flight.hpp"
#include "profiles/profile_store.hpp"
#include "profiles/state_keeper.hpp"
#include "proxies/proxy_gate.hpp"
#include "session_ender.hpp"
#include "session_registry.hpp"
#include "store.hpp"
#include "wire.hpp"

namespace driftstack::sessions {

/// A browser must stand within this time, else the session is errored: clients wait 30 s for the whole call (platform.md 1).
inline constexpr std::chrono::seconds kStartLimit{25};

/// What a new session may reach, and through what.
struct WayOut {
  std::optional<OpenProxy> proxy;
  std::vector<std::string> allowed_domains, blocked_domains;
};

/// [io-thread]
class SessionCreator {
 public:
  /// `backend` may be null: then every create is refused.
  SessionCreator(Host& host, SessionStore& store, SessionRegistry& registry, SessionEnder& ender, InFlight& in_flight,
                 const AccountDirectory& accounts, ProfileStore& profiles, StateKeeper& keeper, ProxyGate& gate, browser::Backend* backend,
                 const ArchetypeCatalog& catalog)
      : host_(host),
        store_(store),
        registry_(registry),
        ender_(ender),
        in_flight_(in_flight),
        accounts_(accounts),
        profiles_(profiles),
        keeper_(keeper),
        gate_(gate),
        backend_(backend),
        catalog_(catalog) {}

  /// Waits until the session is ready. Answers the JSON text of it, the same that a keyed request (`record`, or null) stores for its
  /// repeats.
  AsyncResult<std::string> create(const Call& call, body::SessionCreate wanted, IdempotencyRecord* record);

  /// From now on nothing is started; what is being started ends as soon as it can. [any-thread]
  void close() noexcept { closed_.store(true); }

 private:
  Result<> check(const body::SessionCreate& wanted) const;
  /// The profile that the body names; nothing when it names none.
  AsyncResult<std::optional<Profile>> find_profile(const Call& call, const body::SessionCreate& wanted);
  /// Where it goes out: through which proxy, which was tried, and to which domains.
  AsyncResult<WayOut> way_out(const Call& call, const body::SessionCreate& wanted, const std::optional<Profile>& profile);
  AsyncResult<> admit(const Call& call, const Session& session);
  /// `seat`: the profile that the session runs on, if any.
  AsyncResult<> start_browser(const Call& call, const std::shared_ptr<LiveSession>& live, const std::string& archetype, WayOut way_out,
                              std::optional<ProfileSeat> seat);
  /// Starts it with the state of the profile.
  AsyncResult<> start_with_state(const Call& call, browser::Start message, std::optional<ProfileSeat>& seat);
  AsyncResult<std::string> settle(const Call& call, const std::shared_ptr<LiveSession>& live, Session session, IdempotencyRecord* record);
  std::shared_ptr<LiveSession> keep_alive(const Call& call, const Session& session);

  Host& host_;
  SessionStore& store_;
  SessionRegistry& registry_;
  SessionEnder& ender_;
  InFlight& in_flight_;
  const AccountDirectory& accounts_;
  ProfileStore& profiles_;
  StateKeeper& keeper_;
  ProxyGate& gate_;
  browser::Backend* backend_;
  const ArchetypeCatalog& catalog_;
  std::atomic<bool> closed_{false};
};

}  // namespace driftstack::sessions

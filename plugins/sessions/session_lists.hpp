#pragma once
// Reading records: one, a page, and the counts that GET /v1/account/me shows.

#include <cstdint>

#include "driftstack/host.hpp"
#include "driftstack/roles/accounts.hpp"
#include "driftstack/support/page.hpp"
#include "profiles/profiles.hpp"
#include "session_registry.hpp"
#include "store.hpp"
#include "wire.hpp"

namespace driftstack::sessions {

/// Never touches a browser. [io-thread]
class SessionLists final : public AccountUsage {
 public:
  SessionLists(Host& host, SessionStore& store, SessionRegistry& registry, Profiles& profiles)
      : host_(host), store_(store), registry_(registry), profiles_(profiles) {}

  /// not_found for an unknown or foreign id.
  AsyncResult<body::Session> get(const Call& call, SessionId id);
  /// validation_failed for a cursor that this list did not give to this account.
  AsyncResult<Page<body::Session>> page(const Call& call, body::SessionListQuery asked);

  AsyncResult<std::int64_t> active_sessions(const Call& call, const Uuid& account) override;
  AsyncResult<std::int64_t> profiles(const Call& call, const Uuid& account) override;

 private:
  AsyncResult<std::vector<Session>> collect(const Call& call, const body::SessionListQuery& asked, CursorPosition after);

  Host& host_;
  SessionStore& store_;
  SessionRegistry& registry_;
  Profiles& profiles_;
};

}  // namespace driftstack::sessions

#pragma once
// Whether a caller whose answer still runs may go on reading. identity.md 9.5, security.md 18 and 32.

#include "driftstack/host.hpp"
#include "driftstack/roles/caller_standing.hpp"
#include "team_store.hpp"

namespace driftstack::identity {

/// [io-thread]
class Standings final : public CallerStanding {
 public:
  Standings(TeamStore& store, Clock& clock) noexcept : store_(store), clock_(clock) {}

  AsyncResult<bool> holds(const Call& call, const Principal& caller) override;

 private:
  TeamStore& store_;
  Clock& clock_;
};

}  // namespace driftstack::identity

#pragma once
// The caller's own account. identity.md 10.1 and 10.2.

#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/accounts.hpp"
#include "driftstack/task.hpp"
#include "store.hpp"
#include "teams/team_store.hpp"
#include "tiers.hpp"
#include "wire.hpp"

namespace driftstack::identity {

/// [io-thread]
class Accounts {
 public:
  struct Parts {
    Store& store;
    TeamStore& teams;
    Host& host;  ///< asked for AccountUsage and SecondFactor at each use: their plugins start after this one, or are not there
    const Tiers& tiers;
  };
  explicit Accounts(Parts parts) noexcept : parts_(parts) {}

  AsyncResult<AccountView> show(const Call& call);
  /// validation_failed (unknown time zone), conflict (slug taken).
  AsyncResult<AccountView> edit(const Call& call, AccountPatch patch);

 private:
  AsyncResult<AccountView> view_of(const Call& call, Account account);
  AsyncResult<> check_zone(const Call& call, std::string name);

  Parts parts_;
};

}  // namespace driftstack::identity

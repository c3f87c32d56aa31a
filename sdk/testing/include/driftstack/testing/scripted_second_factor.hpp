#pragma once
// A second factor that accounts have because the test says so.

#include <map>
#include <mutex>
#include <set>

#include "driftstack/roles/second_factor.hpp"

namespace driftstack::testing {

/// [any-thread]
class ScriptedSecondFactor final : public SecondFactor {
 public:
  /// From now on the account has a second factor; `paused_seconds` is what its challenges tell.
  void enrol(const Uuid& account, std::int64_t paused_seconds = 0);

  AsyncResult<std::optional<SignInChallenge>> challenge(db::Transaction& transaction, const Call& call, const Uuid& account) override;
  AsyncResult<> end_challenges(db::Transaction& transaction, const Uuid& account) override;
  AsyncResult<> remove(db::Transaction& transaction, const Uuid& account) override;
  AsyncResult<bool> is_enrolled(const Call& call, const Uuid& account) override;

  /// Accounts whose challenges were ended, and accounts that were removed.
  std::set<Uuid> ended() const;
  std::set<Uuid> removed() const;

 private:
  mutable std::mutex mutex_;
  std::map<Uuid, std::int64_t> enrolled_;
  std::set<Uuid> ended_, removed_;
};

}  // namespace driftstack::testing

#include "driftstack/testing/scripted_second_factor.hpp"

namespace driftstack::testing {

void ScriptedSecondFactor::enrol(const Uuid& account, std::int64_t paused_seconds) {
  const std::lock_guard lock(mutex_);
  enrolled_[account] = paused_seconds;
}

AsyncResult<std::optional<SignInChallenge>> ScriptedSecondFactor::challenge(db::Transaction&, const Call&, const Uuid& account) {
  const std::lock_guard lock(mutex_);
  const auto found = enrolled_.find(account);
  if (found == enrolled_.end()) co_return std::optional<SignInChallenge>();
  SignInChallenge challenge;
  challenge.token = "challenge of " + account.to_text();
  challenge.expires_at = 1;
  challenge.paused_seconds = found->second;
  co_return challenge;
}

AsyncResult<> ScriptedSecondFactor::end_challenges(db::Transaction&, const Uuid& account) {
  const std::lock_guard lock(mutex_);
  ended_.insert(account);
  co_return Done();
}

AsyncResult<> ScriptedSecondFactor::remove(db::Transaction&, const Uuid& account) {
  const std::lock_guard lock(mutex_);
  enrolled_.erase(account);
  removed_.insert(account);
  co_return Done();
}

AsyncResult<bool> ScriptedSecondFactor::is_enrolled(const Call&, const Uuid& account) {
  const std::lock_guard lock(mutex_);
  co_return enrolled_.contains(account);
}

std::set<Uuid> ScriptedSecondFactor::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

std::set<Uuid> ScriptedSecondFactor::removed() const {
  const std::lock_guard lock(mutex_);
  return removed_;
}

}  // namespace driftstack::testing

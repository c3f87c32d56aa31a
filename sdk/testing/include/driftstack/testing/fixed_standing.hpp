#pragma once
// Callers whose standing a test ends.

#include <mutex>
#include <set>

#include "driftstack/roles/caller_standing.hpp"

namespace driftstack::testing {

/// Everybody stands until the test says otherwise. [any-thread]
class FixedStanding final : public CallerStanding {
 public:
  /// From now on nobody with this credential holds.
  void end(const Uuid& credential) {
    const std::lock_guard lock(mutex_);
    ended_.insert(credential);
  }
  AsyncResult<bool> holds(const Call&, const Principal& caller) override { co_return stands(caller.credential); }

 private:
  bool stands(const Uuid& credential) {
    const std::lock_guard lock(mutex_);
    return !ended_.contains(credential);
  }

  std::mutex mutex_;
  std::set<Uuid> ended_;
};

}  // namespace driftstack::testing

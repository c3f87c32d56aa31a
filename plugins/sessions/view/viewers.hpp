#pragma once
// How many look at each session here.

#include <mutex>
#include <unordered_map>

#include "session.hpp"

namespace driftstack::sessions {

/// [any-thread]
class Viewers {
 public:
  static constexpr int kMost = 5;  // of one session: each gets every picture

  /// False when as many look already.
  bool enter(const SessionId& session) {
    const std::lock_guard lock(mutex_);
    int& open = count_[session];
    if (open >= kMost) return false;
    ++open;
    return true;
  }
  void leave(const SessionId& session) {
    const std::lock_guard lock(mutex_);
    const auto found = count_.find(session);
    if (found != count_.end() && --found->second == 0) count_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<SessionId, int> count_;
};

}  // namespace driftstack::sessions

/// The mails that a transport took last, by their ids.
///
/// Purpose: a mail is handed over twice when its sender could not note the first time; a mailer whose far end does not drop repeats does it
/// here. Bounded: repeats come seconds to minutes later, not thousands of mails later. Thread: any. Errors: none.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <utility>

namespace driftstack {

/// [any-thread]
class TakenMails {
 public:
  [[nodiscard]] bool holds(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    return std::find(ids_.begin(), ids_.end(), id) != ids_.end();
  }
  /// Forgets the oldest when there is no room.
  void add(std::string id) {
    const std::lock_guard lock(mutex_);
    if (ids_.size() == kRemembered) ids_.pop_front();
    ids_.push_back(std::move(id));
  }

 private:
  static constexpr std::size_t kRemembered = 1024;
  mutable std::mutex mutex_;
  std::deque<std::string> ids_;  ///< oldest first
};

}  // namespace driftstack

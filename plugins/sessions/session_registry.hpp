#pragma once
// The sessions that run on this server.

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "driftstack/uuid.hpp"
#include "live_session.hpp"

namespace driftstack::sessions {

/// A session is here from the moment its row stands until the row is terminal and the browser is gone. [any-thread]
class SessionRegistry {
 public:
  void add(std::shared_ptr<LiveSession> session);
  /// Null when no such session runs here.
  std::shared_ptr<LiveSession> find(const SessionId& id) const;
  /// The same for a customer: another account's session is not found.
  std::shared_ptr<LiveSession> find(const Uuid& account, const SessionId& id) const;
  void forget(const SessionId& id);
  std::vector<std::shared_ptr<LiveSession>> all() const;

  /// Lays what only memory knows over a row: that an operation runs. An end is shown when it is stored, since nobody may see one that a
  /// crash could still change.
  void show_live(Session& session) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<SessionId, std::shared_ptr<LiveSession>> sessions_;
};

}  // namespace driftstack::sessions

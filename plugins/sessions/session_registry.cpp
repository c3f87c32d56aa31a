#include "session_registry.hpp"

#include <utility>

namespace driftstack::sessions {

void SessionRegistry::add(std::shared_ptr<LiveSession> session) {
  const std::lock_guard lock(mutex_);
  const SessionId id = session->id();
  sessions_.emplace(id, std::move(session));
}

std::shared_ptr<LiveSession> SessionRegistry::find(const SessionId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

std::shared_ptr<LiveSession> SessionRegistry::find(const Uuid& account, const SessionId& id) const {
  auto session = find(id);
  return session && session->account() == account ? session : nullptr;
}

void SessionRegistry::forget(const SessionId& id) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(id);
}

std::vector<std::shared_ptr<LiveSession>> SessionRegistry::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<LiveSession>> out;
  out.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) out.push_back(session);
  return out;
}

void SessionRegistry::show_live(Session& session) const {
  if (session.status != Status::ready) return;
  const auto live = find(session.id);
  if (live && live->status() == Status::busy) session.status = Status::busy;
}

}  // namespace driftstack::sessions

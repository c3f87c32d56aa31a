#pragma once
// Brings the browser state of a profile into a session, and back at its clean end. [io-thread]

#include <string>

#include "driftstack/host.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "profiles/profile_seat.hpp"
#include "vault/profile_vault.hpp"

namespace driftstack::sessions {

class StateKeeper {
 public:
  /// `backend` may be null: then no session starts that would need it.
  StateKeeper(Host& host, ProfileVault& vault, browser::Backend* backend) : host_(host), vault_(vault), backend_(backend) {}

  /// The state to start with, no file for a profile without one; the seat remembers which it was. An error means that the session must not
  /// start: it would overwrite what could still be rescued.
  AsyncResult<MemoryFile> open(const Call& call, ProfileSeat& seat);
  /// Takes the state out of the session's browser and keeps it. When that fails the log says why, and the old state stays.
  Task<> save(const Call& call, const std::string& session, const ProfileSeat& seat);

 private:
  AsyncResult<SaveOutcome> take_and_keep(const Call& call, const std::string& session, const ProfileSeat& seat);

  Host& host_;
  ProfileVault& vault_;
  browser::Backend* backend_;
};

}  // namespace driftstack::sessions

#pragma once
// A session's place on a profile: which state it began with, and until when it may put its own in the place of that.

#include <cstdint>

#include "vault/profile_vault.hpp"

namespace driftstack::sessions {

struct ProfileSeat {
  ProfileSeat(const ProfileRef& profile, std::int64_t state_revision) : profile(profile), state_revision(state_revision) {}
  ProfileRef profile;
  std::int64_t state_revision;      ///< of the profile's row; when that has moved, the state is not kept
  std::int64_t vault_revision = 0;  ///< of the state that the browser got
};

}  // namespace driftstack::sessions

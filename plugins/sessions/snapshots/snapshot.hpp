#pragma once
// A snapshot: what a profile was called and looked like at one time, frozen. No browser state.

#include <cstdint>
#include <optional>
#include <string>

#include "driftstack/support/public_id.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack::sessions {

using SnapshotId = PublicId<"psnap">;

struct Snapshot {
  SnapshotId id;
  Uuid account;
  std::optional<Uuid> parent;  ///< nothing once the profile is gone for good
  std::string label;
  std::optional<std::string> description;
  std::string parent_archetype, parent_name;
  std::int64_t created_at = 0;  ///< microseconds since 1970 UTC
};

}  // namespace driftstack::sessions

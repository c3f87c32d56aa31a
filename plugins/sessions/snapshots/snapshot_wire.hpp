#pragma once
// What customers send and get about snapshots (sessions.md 8 of the specification).

#include <optional>
#include <string>

#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "profiles/profile_wire.hpp"
#include "snapshots/snapshot.hpp"

namespace driftstack::sessions::body {

struct Snapshot {
  SnapshotId id;
  std::optional<ProfileId> parent_profile_id;
  std::string label;
  std::optional<std::string> description;
  std::string parent_archetype, parent_name;
  Timestamp captured_at, created_at;

  static constexpr auto shape = wire::object(
      wire::field<&Snapshot::id>("id"),
      wire::field<&Snapshot::parent_profile_id>("parent_profile_id", wire::nullable, wire::doc("Null once the profile was purged.")),
      wire::field<&Snapshot::label>("label"), wire::field<&Snapshot::description>("description", wire::nullable),
      wire::field<&Snapshot::parent_archetype>("parent_archetype"), wire::field<&Snapshot::parent_name>("parent_name"),
      wire::field<&Snapshot::captured_at>("captured_at"), wire::field<&Snapshot::created_at>("created_at"));
};

struct SnapshotCreate {
  std::string label;
  std::optional<std::string> description;
  static constexpr auto shape =
      wire::object(wire::field<&SnapshotCreate::label>("label", wire::trimmed, wire::length(1, 120)),
                   wire::field<&SnapshotCreate::description>("description", wire::nullable_or_absent, wire::max_length(kMaxDescription)));
};

struct SnapshotRestore {
  std::string name;
  static constexpr auto shape = wire::object(
      wire::field<&SnapshotRestore::name>("name", wire::trimmed, wire::length(1, kMaxProfileName), wire::matches(kProfileNamePattern)));
};

[[nodiscard]] inline Snapshot show(const sessions::Snapshot& snapshot) {
  Snapshot shown;
  shown.id = snapshot.id;
  if (snapshot.parent) shown.parent_profile_id = ProfileId(*snapshot.parent);
  shown.label = snapshot.label;
  shown.description = snapshot.description;
  shown.parent_archetype = snapshot.parent_archetype;
  shown.parent_name = snapshot.parent_name;
  shown.captured_at = shown.created_at = Timestamp::from_micros(snapshot.created_at);
  return shown;
}

}  // namespace driftstack::sessions::body

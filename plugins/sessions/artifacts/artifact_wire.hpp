#pragma once
// Stored artefacts as customers see them.

#include <cstdint>
#include <optional>
#include <string>

#include "artifacts/artifact.hpp"
#include "driftstack/support/page.hpp"
#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"

namespace driftstack::sessions::body {

/// What the answer of a capture says.
struct KeptArtifact {
  ArtifactId id;
  std::int64_t byte_size = 0;
  std::string sha256, url;
  Timestamp expires_at;
  static constexpr auto shape =
      wire::object(wire::field<&KeptArtifact::id>("id"), wire::field<&KeptArtifact::byte_size>("byte_size"),
                   wire::field<&KeptArtifact::sha256>("sha256", wire::doc("Of the bytes, hexadecimal.")),
                   wire::field<&KeptArtifact::url>("url", wire::doc("Readable by whoever has it, for one hour.")),
                   wire::field<&KeptArtifact::expires_at>("expires_at", wire::doc("When the artefact itself is deleted.")));
};

struct Artifact {
  ArtifactId id;
  SessionId session_id;
  std::string kind, content_type;
  std::int64_t byte_size = 0;
  std::string sha256, url;
  Timestamp created_at, expires_at;
  static constexpr auto shape = wire::object(
      wire::field<&Artifact::id>("id"), wire::field<&Artifact::session_id>("session_id"),
      wire::field<&Artifact::kind>("kind", wire::doc("The kind of the capture.")), wire::field<&Artifact::content_type>("content_type"),
      wire::field<&Artifact::byte_size>("byte_size"), wire::field<&Artifact::sha256>("sha256", wire::doc("Of the bytes, hexadecimal.")),
      wire::field<&Artifact::url>("url", wire::doc("Readable by whoever has it, for one hour.")),
      wire::field<&Artifact::created_at>("created_at"),
      wire::field<&Artifact::expires_at>("expires_at", wire::doc("When the artefact itself is deleted.")));
};

struct ArtifactListQuery {
  std::int32_t limit = kDefaultPageSize;
  std::optional<std::string> cursor;
  std::optional<SessionId> session_id;
  static constexpr auto shape =
      wire::object(wire::field<&ArtifactListQuery::limit>("limit", wire::defaulted, wire::min(1), wire::max(kMaxPageSize)),
                   wire::field<&ArtifactListQuery::cursor>("cursor", wire::length(1, kMaxCursorLength)),
                   wire::field<&ArtifactListQuery::session_id>("session_id", wire::doc("Only artefacts of this session.")));
};

}  // namespace driftstack::sessions::body

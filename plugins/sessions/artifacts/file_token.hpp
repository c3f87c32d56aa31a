#pragma once
// The token of GET /v1/files/{token}: which artefact, until when, and a MAC over both.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "artifacts/artifact.hpp"
#include "driftstack/host.hpp"

namespace driftstack::sessions {

struct FileToken {
  Uuid account;
  ArtifactId id;
  std::int64_t expires_at = 0;  ///< unix microseconds
};

/// Text that nobody without the server's key can make. [any-thread]
[[nodiscard]] std::string seal_file_token(const FileToken& token, Secrets& secrets);
/// Nothing for any text that was not sealed so; whether it has expired is the caller's question.
[[nodiscard]] std::optional<FileToken> open_file_token(std::string_view text, Secrets& secrets);

}  // namespace driftstack::sessions

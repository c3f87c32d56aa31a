#pragma once
// A stored artefact: its record and its names. No HTTP, no SQL.

#include <cstdint>
#include <string>
#include <string_view>

#include "driftstack/support/public_id.hpp"
#include "session.hpp"

namespace driftstack::sessions {

/// `art_<uuid>`.
using ArtifactId = PublicId<"art">;

struct Artifact {
  ArtifactId id;
  Uuid account;
  SessionId session;
  std::string kind;  ///< name of a capture kind
  std::string content_type;
  std::int64_t byte_size = 0;
  std::string sha256;
  std::int64_t created_at = 0, expires_at = 0;  ///< unix microseconds

  /// Where the bytes lie in the object store.
  [[nodiscard]] std::string object_key() const { return key_of(account, id); }
  [[nodiscard]] static std::string key_of(const Uuid& account, const ArtifactId& id) {
    return "artifacts/" + account.to_text() + "/" + id.uuid().to_text();
  }
  /// Under which name a browser saves it.
  [[nodiscard]] std::string file_name() const { return id.to_text() + std::string(extension()); }

 private:
  [[nodiscard]] std::string_view extension() const noexcept {
    if (content_type == "image/png") return ".png";
    if (content_type == "image/jpeg") return ".jpg";
    if (content_type == "application/pdf") return ".pdf";
    if (content_type == "application/json") return ".json";
    if (content_type.starts_with("text/html")) return ".html";
    if (content_type.starts_with("text/markdown")) return ".md";
    if (content_type.starts_with("text/plain")) return ".txt";
    return ".bin";
  }
};

}  // namespace driftstack::sessions

#include "artifacts/file_token.hpp"

#include <charconv>

#include "driftstack/support/hex.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::string_view kPurpose = "sessions.file-token";
constexpr std::size_t kMacLength = 64;     // SHA-256 in hexadecimal
constexpr std::size_t kExpiryLength = 16;  // hexadecimal, so that every payload has one form

std::string mac_of(std::string_view payload, Secrets& secrets) {
  const Digest digest = secrets.mac(kPurpose, payload);
  return hex_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string expiry_text(std::int64_t micros) {
  std::string text(kExpiryLength, '0');
  auto rest = static_cast<std::uint64_t>(micros);
  for (std::size_t i = kExpiryLength; i > 0; --i, rest >>= 4) text[i - 1] = "0123456789abcdef"[rest & 0xF];
  return text;
}

}  // namespace

std::string seal_file_token(const FileToken& token, Secrets& secrets) {
  const std::string payload = token.account.to_text() + token.id.uuid().to_text() + expiry_text(token.expires_at);
  return payload + mac_of(payload, secrets);
}

std::optional<FileToken> open_file_token(std::string_view text, Secrets& secrets) {
  constexpr std::size_t kPayloadLength = 2 * Uuid::kTextLength + kExpiryLength;
  if (text.size() != kPayloadLength + kMacLength) return std::nullopt;
  const std::string_view payload = text.substr(0, kPayloadLength);
  if (!constant_time_equal(text.substr(kPayloadLength), mac_of(payload, secrets))) return std::nullopt;
  const auto account = Uuid::from_text(payload.substr(0, Uuid::kTextLength));
  const auto id = Uuid::from_text(payload.substr(Uuid::kTextLength, Uuid::kTextLength));
  const std::string_view expiry = payload.substr(2 * Uuid::kTextLength);
  FileToken token;
  const auto [end, error] = std::from_chars(expiry.data(), expiry.data() + expiry.size(), token.expires_at, 16);
  if (!account || !id || error != std::errc() || end != expiry.data() + expiry.size()) return std::nullopt;
  token.account = *account;
  token.id = ArtifactId(*id);
  return token;
}

}  // namespace driftstack::sessions

#include "secret_token.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstddef>

#include "api_key.hpp"
#include "driftstack/support/base64.hpp"
#include "driftstack/support/pattern.hpp"
#include "driftstack/support/random_bytes.hpp"
#include "scrypt.hpp"

namespace driftstack::identity {
namespace {

constexpr std::size_t kRandomBytes = 32;               // identity.md 1.1
constexpr std::size_t kShortest = 32, kLongest = 256;  // identity.md 3.1
constexpr std::string_view kOauthMark = "oat_";        // identity.md 1.1

bool has_other_mark(std::string_view token) noexcept { return claims_to_be_api_key(token) || token.starts_with(kOauthMark); }

}  // namespace

std::string random_secret_token() {
  std::array<std::uint8_t, kRandomBytes> bytes{};
  std::string token;
  do {
    fill_random(std::as_writable_bytes(std::span(bytes)));
    token = base64url_encode(as_text(bytes));
  } while (has_other_mark(token));
  wipe(bytes.data(), bytes.size());
  return token;
}

Digest digest_of(std::string_view token) noexcept {
  Digest digest{};
  // Fails only without a working SHA-256 in the library; then nothing may match.
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, token.data(), token.size(), digest.data(), nullptr) != 1) std::abort();
  return digest;
}

std::string digest_text(std::string_view token) { return base64url_encode(as_text(digest_of(token))); }

bool is_secret_token(std::string_view token) noexcept {
  return token.size() == kSecretTokenSize && matches_base64url(token) && !has_other_mark(token);
}

std::optional<TokenText> TokenText::from_text(std::string_view text) {
  if (text.size() < kShortest || text.size() > kLongest || !matches_base64url(text)) return std::nullopt;
  TokenText token;
  token.secret_ = SecretText(text);
  return token;
}

}  // namespace driftstack::identity

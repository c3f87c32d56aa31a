#pragma once
// Random tokens that stand for themselves: web sessions and the links in mails. Only their SHA-256 is stored. identity.md 1.4, 3.1.

#include <optional>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::identity {

inline constexpr std::size_t kSecretTokenSize = 43;  // 32 random bytes as base64url: identity.md 1.1

/// A fresh token that no other kind of credential could be taken for.
std::string random_secret_token();

/// What is stored of a token. It has 256 random bits, so a plain hash is enough.
Digest digest_of(std::string_view token) noexcept;
std::string digest_text(std::string_view token);

/// Could this be a token of ours? False saves the look-up.
bool is_secret_token(std::string_view token) noexcept;

/// A token in the body of a request: 32 to 256 characters of the base64url alphabet. A wire text type that is never shown.
class TokenText {
 public:
  TokenText() = default;
  static std::optional<TokenText> from_text(std::string_view text);
  void append_text(std::string& out) const { secret_.append_text(out); }
  std::string_view reveal() const noexcept { return secret_.reveal(); }

  static constexpr std::string_view kFormat = "password";
  static constexpr std::string_view kPattern = "^[A-Za-z0-9_-]{32,256}$";
  static constexpr std::string_view kExpected = "32 to 256 letters, digits, dashes and underscores";
  static constexpr bool kSecret = true;

 private:
  SecretText secret_;
};

}  // namespace driftstack::identity

#pragma once
// People who sign in: what is stored of them beside the account.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/uuid.hpp"
#include "records.hpp"
#include "scrypt.hpp"

namespace driftstack::identity {

inline constexpr std::int64_t kMinuteMicros = 60'000'000;  // in microseconds

// identity.md 3.1
inline constexpr std::int64_t kVerificationLife = 30 * kMinuteMicros;
inline constexpr std::int64_t kMagicLinkLife = 15 * kMinuteMicros;
inline constexpr std::int64_t kPasswordResetLife = 60 * kMinuteMicros;
inline constexpr std::int64_t kWebSessionLife = std::int64_t{30} * 24 * 60 * kMinuteMicros;

/// An account as a sign-in sees it.
struct Person {
  Account account;
  std::optional<StoredHash> password;  ///< empty: this person signs in by links only

  bool is_active() const noexcept { return account.status == AccountStatus::active; }
  bool is_verified() const noexcept { return account.email_verified_at.has_value(); }
};

/// What a link in a mail is good for.
enum class LinkKind : std::uint8_t { verify_email, magic_link, password_reset };

constexpr std::string_view link_name(LinkKind kind) noexcept {
  switch (kind) {
    case LinkKind::verify_email:
      return "verify-email";
    case LinkKind::magic_link:
      return "magic-link";
    case LinkKind::password_reset:
      break;
  }
  return "password-reset";
}

/// A sign-in that lasts. The token itself is nowhere.
struct WebSession {
  Uuid id;
  Uuid account;
  std::string digest;       ///< of the token
  std::string os, browser;  ///< coarse names, from the user agent at sign-in
  std::int64_t created_at = 0;
  std::int64_t last_used_at = 0;
  std::int64_t expires_at = 0;
  std::optional<std::int64_t> revoked_at;
  std::optional<std::int64_t> mfa_satisfied_at;  ///< when a second factor was last shown
};

/// A web session with everything that decides whether it may pass.
struct SessionCredential {
  WebSession session;
  std::string tier;
  AccountStatus status = AccountStatus::active;
  bool is_verified = false;
};

}  // namespace driftstack::identity

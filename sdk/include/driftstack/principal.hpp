#pragma once
// Who is calling. Made by the Authenticator, read by the pipeline and by handlers.

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "driftstack/scope.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack {
inline namespace v1 {

/// Slug of a tier (`api_starter`), stored in place so that a Principal needs no allocation. At most 23 bytes; longer text is cut.
class TierSlug {
 public:
  constexpr TierSlug() noexcept = default;
  TierSlug(std::string_view text) noexcept {  // NOLINT(google-explicit-constructor)
    size_ = static_cast<std::uint8_t>(text.size() < text_.size() ? text.size() : text_.size());
    std::memcpy(text_.data(), text.data(), size_);
  }
  std::string_view view() const noexcept { return {text_.data(), size_}; }
  friend bool operator==(const TierSlug& a, const TierSlug& b) noexcept { return a.view() == b.view(); }

 private:
  std::array<char, 23> text_{};
  std::uint8_t size_ = 0;
};

enum class CredentialKind : std::uint8_t { api_key, web_session, oauth_token };

/// Role in the team of the account that is acted for.
enum class TeamRole : std::uint8_t { owner, admin, member };

/// The authenticated caller. Trivially copyable: a snapshot that is valid for one request.
struct Principal {
  Uuid account;     ///< the caller's own account ("actor")
  Uuid credential;  ///< key id, web session id or nil for an OAuth token
  ScopeSet scopes;
  TierSlug tier;  ///< of the caller's own account
  CredentialKind kind = CredentialKind::api_key;

  /// The account whose resources are touched: the caller's own, or the owner named by X-Driftstack-Account.
  Uuid effective_account;
  TierSlug effective_tier;
  TeamRole role = TeamRole::owner;

  bool acts_for_other() const noexcept { return !(account == effective_account); }
};

}  // namespace v1
}  // namespace driftstack

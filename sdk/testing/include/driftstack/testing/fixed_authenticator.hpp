#pragma once
// An authenticator with a list of tokens.

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "driftstack/roles/authenticator.hpp"

namespace driftstack::testing {

/// Knows the tokens that the test adds. A token is answered by `authenticate` first and by `authenticate_now` after that, as a cache does.
/// [any-thread]
class FixedAuthenticator final : public Authenticator {
 public:
  void add(std::string token, Principal principal);
  /// From now on the token is refused with this code.
  void refuse(std::string token, Errc code = Errc::revoked_key);
  /// Lets `member` act for `owner`.
  void add_member(const Uuid& member, const Uuid& owner, TierSlug owner_tier, TeamRole role);

  /// From now on the credential's second factor is not fresh.
  void require_step_up(const Uuid& credential);

  std::optional<Result<Principal>> authenticate_now(std::string_view token) noexcept override;
  AsyncResult<Principal> authenticate(const Call& call, std::string token) override;
  /// `account` is `acc_<uuid>`.
  AsyncResult<Principal> act_for(const Call& call, const Principal& caller, std::string account) override;
  AsyncResult<> check_step_up(const Call& call) override;

 private:
  struct Known {
    Principal principal;
    std::optional<Errc> refusal;
    bool seen = false;
  };
  struct Membership {
    TierSlug tier;
    TeamRole role = TeamRole::member;
  };
  Result<Principal> look_up(std::string_view token);
  Result<Principal> on_team(const Principal& caller, std::string_view account);

  std::mutex mutex_;
  std::map<std::string, Known, std::less<>> tokens_;
  std::map<std::pair<Uuid, Uuid>, Membership> memberships_;
  std::set<Uuid> stale_;
};

/// A principal that acts for itself, with an id made of one number: the same in every run.
Principal test_principal(std::uint8_t number, ScopeSet scopes, std::string_view tier = "enterprise");

}  // namespace driftstack::testing

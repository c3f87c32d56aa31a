#include "plugins/identity/minting_policy.hpp"

#include <catch2/catch.hpp>

namespace driftstack::identity {
namespace {

bool may_mint(ScopeSet held, MinterStanding standing, ScopeList asked) { return check_minting(held, standing, asked).has_value(); }

}  // namespace

TEST_CASE("an owner hands on every customer scope and nothing of the staff") {
  const ScopeSet owner{Scope::account_owner};
  for (const Scope scope : to_list(ScopeSet::from_bits(~0u))) {
    const bool is_allowed = scope != Scope::driftstack_internal_admin && scope != Scope::admin && scope != Scope::gui_control;
    CAPTURE(name_of(scope));
    CHECK(may_mint(owner, MinterStanding::owner, {scope}) == is_allowed);
  }
}

TEST_CASE("a scope is minted only by who holds it") {
  const ScopeSet narrow{Scope::read, Scope::write_sessions};
  CHECK(may_mint(narrow, MinterStanding::owner, {Scope::read}));
  CHECK(may_mint(narrow, MinterStanding::owner, {Scope::read_billing}));
  CHECK(may_mint(narrow, MinterStanding::owner, {Scope::write_sessions}));
  CHECK_FALSE(may_mint(narrow, MinterStanding::owner, {Scope::write}));
  CHECK_FALSE(may_mint(narrow, MinterStanding::owner, {Scope::account_owner}));
  CHECK_FALSE(may_mint(narrow, MinterStanding::owner, {Scope::read, Scope::write_profiles}));
}

TEST_CASE("manual control is handed on only by a key that has it") {
  CHECK(may_mint(ScopeSet{Scope::account_owner, Scope::gui_control}, MinterStanding::owner, {Scope::gui_control}));
  CHECK_FALSE(may_mint(ScopeSet{Scope::account_owner}, MinterStanding::owner, {Scope::gui_control}));
}

TEST_CASE("the staff scope and the legacy alias are refused even to who holds them") {
  const ScopeSet everything = ScopeSet::from_bits(~0u);
  CHECK_FALSE(may_mint(everything, MinterStanding::owner, {Scope::driftstack_internal_admin}));
  CHECK_FALSE(may_mint(everything, MinterStanding::owner, {Scope::admin}));
}

TEST_CASE("a team member mints no scope that administers") {
  const ScopeSet owner{Scope::account_owner};
  for (const Scope scope :
       {Scope::account_owner, Scope::admin, Scope::admin_profiles, Scope::admin_webhooks, Scope::admin_api_keys, Scope::admin_billing}) {
    CAPTURE(name_of(scope));
    CHECK_FALSE(may_mint(owner, MinterStanding::member, {scope}));
  }
  CHECK(may_mint(owner, MinterStanding::member, {Scope::read, Scope::write, Scope::read_audit}));
}

TEST_CASE("a refusal names the scope") {
  const auto refused = check_minting(ScopeSet{Scope::read}, MinterStanding::owner, {Scope::write});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::forbidden);
  CHECK(refused.error().detail.find("\"write\"") != std::string::npos);
}

TEST_CASE("a successor loses the staff scope, and the legacy alias becomes account_owner once") {
  const auto scopes = scopes_after_rotation({Scope::admin, Scope::driftstack_internal_admin, Scope::account_owner, Scope::read});
  REQUIRE(scopes);
  CHECK(*scopes == ScopeList{Scope::account_owner, Scope::read});
  const auto nothing_left = scopes_after_rotation({Scope::driftstack_internal_admin});
  REQUIRE_FALSE(nothing_left);
  CHECK(nothing_left.error().code == Errc::forbidden);
}

}  // namespace driftstack::identity

// Teams through the handlers: what only time, other processes and states of accounts show. The rest is tested on the wire. identity.md 9.

#include <catch2/catch.hpp>
#include <string>

#include "identity_fixture.hpp"

namespace driftstack::identity::test {
namespace {

constexpr std::int64_t kHour = std::int64_t{3600} * 1'000'000;  // microseconds
constinit const db::Statement kSetStatus("UPDATE identity_accounts SET status = $2 WHERE id = $1");
constinit const db::Statement kSetAddress("UPDATE identity_accounts SET email = $2 WHERE id = $1");
constinit const db::Statement kEndKey("UPDATE identity_api_keys SET expires_at = $2 WHERE id = $1");
constinit const db::Statement kRevokeKey("UPDATE identity_api_keys SET revoked_at = $2 WHERE id = $1");
constinit const db::Statement kEndMembership("DELETE FROM identity_team_members WHERE id = $1");
constinit const db::Statement kInvites("SELECT id FROM identity_team_invites");

struct World {
  World() : identity({{"email_delivery_mode", "stub"}}) {
    owner = identity.customer("enterprise").principal;
    member = identity.customer("api_starter").principal;
    identity.execute(kSetAddress, db::values(member.account.to_text(), "ada@example.com"));
  }

  std::string invite() {
    const auto answer = identity.send(owner, Method::post, "/v1/team/invites", R"({"email":"Ada@Example.com"})");
    REQUIRE(answer);
    CHECK(answer->status == 202);
    return text_member(*answer, "debug_token");
  }
  Result<Response> accept(const std::string& token) {
    return identity.send(member, Method::post, "/v1/team/invites/accept", R"({"token":")" + token + "\"}");
  }
  Result<Principal> act(const Principal& caller, const Uuid& account) {
    const auto call = identity.host().call();
    return identity.run(identity.parts().act_for(*call, caller, AccountId(account).to_text()));
  }
  bool holds(const Principal& caller) {
    const auto call = identity.host().call();
    const auto answer = identity.run(identity.parts().standings.holds(*call, caller));
    REQUIRE(answer);
    return *answer;
  }
  std::size_t invites() {
    const auto call = identity.host().call();
    auto rows = identity.run(identity.database().read(*call, kInvites, db::values()));
    REQUIRE(rows);
    return rows->size();
  }
  /// As the background worker does now and then.
  void sweep() {
    const auto call = identity.host().call();
    REQUIRE(identity.run(identity.parts().team_store.purge_invites(*call, identity.host().clock().unix_micros(), 10)));
  }
  void set_status(const Uuid& account, const char* status) { identity.execute(kSetStatus, db::values(account.to_text(), status)); }

  IdentityFixture identity;
  Principal owner, member;
};

template <class T>
Errc code_of(const Result<T>& answer) {
  REQUIRE_FALSE(answer);
  return answer.error().code;
}

}  // namespace

TEST_CASE("an invite lasts seven days and is swept away after that") {
  World world;
  const std::string token = world.invite();
  world.identity.host().clock().advance(std::chrono::hours(7 * 24) - std::chrono::minutes(1));
  const std::string again = world.invite();
  CHECK(code_of(world.accept(token)) == Errc::invalid_auth_token);  // replaced
  world.sweep();
  CHECK(world.invites() == 1);
  world.identity.host().clock().advance(std::chrono::hours(7 * 24) + std::chrono::minutes(1));
  CHECK(code_of(world.accept(again)) == Errc::invalid_auth_token);
  world.sweep();
  CHECK(world.invites() == 0);
}

TEST_CASE("nobody joins the team of an account that is suspended, nor acts for it") {
  World world;
  const std::string token = world.invite();
  world.set_status(world.owner.account, "suspended");
  CHECK(code_of(world.accept(token)) == Errc::invalid_auth_token);
  world.set_status(world.owner.account, "active");
  REQUIRE(world.accept(token));
  REQUIRE(world.act(world.member, world.owner.account));
  world.set_status(world.owner.account, "suspended");
  CHECK(code_of(world.act(world.member, world.owner.account)) == Errc::forbidden);
}

TEST_CASE("who acts for an owner has the owner's tier, their own scopes and their role") {
  World world;
  world.member.scopes = ScopeSet{Scope::read_sessions};
  CHECK(code_of(world.act(world.member, world.owner.account)) == Errc::forbidden);
  const Uuid membership = world.identity.join(world.owner.account, world.member.account, "admin");
  const auto acting = world.act(world.member, world.owner.account);
  REQUIRE(acting);
  CHECK(acting->effective_account == world.owner.account);
  CHECK(acting->account == world.member.account);
  CHECK(acting->effective_tier.view() == "enterprise");
  CHECK(acting->tier.view() == "api_starter");
  CHECK(acting->role == TeamRole::admin);
  CHECK(acting->scopes == world.member.scopes);
  CHECK(code_of(world.act(world.owner, world.member.account)) == Errc::forbidden);  // not the other way round

  Principal token = world.member;
  token.kind = CredentialKind::oauth_token;
  CHECK(code_of(world.act(token, world.owner.account)) == Errc::forbidden);
  CHECK(world.act(token, token.account));

  // A removal by another process needs no news.
  world.identity.execute(kEndMembership, db::values(membership.to_text()));
  CHECK(code_of(world.act(world.member, world.owner.account)) == Errc::forbidden);
}

TEST_CASE("what opened a stream holds until its key, account or membership ends") {
  World world;
  const Uuid membership = world.identity.join(world.owner.account, world.member.account, "member");
  const auto acting = world.act(world.member, world.owner.account);
  REQUIRE(acting);
  CHECK(world.holds(world.member));
  CHECK(world.holds(*acting));

  SECTION("membership") {
    world.identity.execute(kEndMembership, db::values(membership.to_text()));
    CHECK_FALSE(world.holds(*acting));
    CHECK(world.holds(world.member));
  }
  SECTION("owner") {
    world.set_status(world.owner.account, "suspended");
    CHECK_FALSE(world.holds(*acting));
    CHECK(world.holds(world.member));
  }
  SECTION("account") {
    world.set_status(world.member.account, "suspended");
    CHECK_FALSE(world.holds(*acting));
    Principal token = world.member;
    token.kind = CredentialKind::oauth_token;
    CHECK_FALSE(world.holds(token));
    world.set_status(world.member.account, "active");
    CHECK(world.holds(token));
  }
  SECTION("revoked") {
    world.identity.execute(kRevokeKey, db::values(world.member.credential.to_text(), world.identity.host().clock().unix_micros()));
    CHECK_FALSE(world.holds(*acting));
    CHECK_FALSE(world.holds(world.member));
  }
  SECTION("expired") {
    const std::int64_t now = world.identity.host().clock().unix_micros();
    world.identity.execute(kEndKey, db::values(world.member.credential.to_text(), now + kHour));
    CHECK(world.holds(world.member));
    world.identity.host().clock().advance(std::chrono::minutes(61));
    CHECK_FALSE(world.holds(world.member));
  }
  SECTION("a key is no web session") {
    world.member.kind = CredentialKind::web_session;
    CHECK_FALSE(world.holds(world.member));
  }
}

}  // namespace driftstack::identity::test

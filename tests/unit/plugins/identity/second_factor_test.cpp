// What signing in makes of a second factor, whichever plugin fills the role. identity.md 3.1, 4.6.

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/support/json.hpp"
#include "driftstack/testing/scripted_second_factor.hpp"
#include "identity_fixture.hpp"

namespace driftstack::identity::test {
namespace {

constinit const db::Statement kSessions("SELECT id FROM identity_web_sessions WHERE revoked_at IS NULL");
constinit const db::Statement kSetStatus("UPDATE identity_accounts SET status = $1");
constinit const db::Statement kMails("SELECT template FROM identity_mails WHERE template LIKE 'mfa-%' ORDER BY template");
constexpr const char* kCredentials = R"({"email":"ada@example.com","password":"correct horse battery"})";
constexpr const char* kNewPassword = "a new horse battery";

/// A verified account with one web session.
struct World {
  World() : identity({{"email_delivery_mode", "stub"}}) {
    identity.host().provide<SecondFactor>(&factor);
    const auto signed_up = post("/v1/auth/signup", kCredentials);
    REQUIRE(signed_up);
    const auto verified = post("/v1/auth/verify-email", R"({"token":")" + text_member(*signed_up, "debug_token") + "\"}");
    REQUIRE(verified);
    const auto body = wire::Json::parse(verified->body);
    principal = identity.principal(*body->view().find("session")->find("token")->as_text());
  }
  ~World() { identity.host().provide<SecondFactor>(nullptr); }

  Result<Response> post(std::string_view path, std::string body) { return identity.send(Principal(), Method::post, path, std::move(body)); }
  std::string link(std::string_view path) {
    const auto answer = post(path, R"({"email":"ada@example.com"})");
    REQUIRE(answer);
    return text_member(*answer, "debug_token");
  }
  Result<Response> login() { return post("/v1/auth/login", kCredentials); }
  Result<Response> consume(const std::string& token) { return post("/v1/auth/magic-link/consume", R"({"token":")" + token + "\"}"); }
  Result<Response> reset(const std::string& token) {
    return post("/v1/auth/password-reset/confirm", R"({"token":")" + token + R"(","new_password":")" + kNewPassword + "\"}");
  }
  Result<> check_step_up(const Principal& caller) {
    const auto call = identity.host().call();
    call->set_principal(caller);
    return identity.run(identity.parts().check_step_up(*call));
  }
  template <class Work>
  Result<> in_transaction(Work work, const Call& call) {
    auto body = [&](db::Transaction& transaction) -> AsyncResult<> { return work(transaction); };
    return identity.run(db::transaction(identity.database(), call, body));
  }
  std::size_t count(const db::Statement& statement) {
    const auto call = identity.host().call();
    return identity.run(identity.database().read(*call, statement, db::values()))->size();
  }
  std::vector<std::string> actions() {
    std::vector<std::string> names;
    for (const AuditEntry& entry : identity.audit().entries()) names.push_back(entry.action);
    return names;
  }

  IdentityFixture identity;
  testing::ScriptedSecondFactor factor;
  Principal principal;
};

Errc code_of(const Result<Response>& answer) { return answer ? Errc::internal : answer.error().code; }

}  // namespace

TEST_CASE("whatever the first factor was, an enrolled account gets a challenge and no session") {
  World world;
  world.factor.enrol(world.principal.account);
  const std::size_t entries = world.actions().size();
  const auto answer = GENERATE(true, false) ? world.login() : world.consume(world.link("/v1/auth/magic-link/request"));
  REQUIRE(answer);
  CHECK(answer->body == R"({"mfa_required":true,"challenge_token":"challenge of )" + world.principal.account.to_text() +
                            R"(","challenge_expires_at":"1970-01-01T00:00:00.000Z"})");
  CHECK(world.count(kSessions) == 1);
  CHECK(world.actions().size() == entries);
}

TEST_CASE("without a second factor the answer has a session and nothing else") {
  World world;
  const auto answer = world.login();
  REQUIRE(answer);
  CHECK(answer->body.starts_with(R"({"session":{"token":")"));
  CHECK(answer->body.find("mfa_required") == std::string::npos);
}

TEST_CASE("a new password ends sessions and challenges, and leads to a challenge, also while the factor is paused") {
  World world;
  world.factor.enrol(world.principal.account, GENERATE(0, 60));
  const auto answer = world.reset(world.link("/v1/auth/password-reset/request"));
  REQUIRE(answer);
  CHECK(answer->body.starts_with(R"({"mfa_required":true)"));
  CHECK(world.factor.ended().contains(world.principal.account));
  CHECK(world.count(kSessions) == 0);
  CHECK(world.actions().back() == "account.password_changed");
}

TEST_CASE("a paused factor refuses passwords and leaves sign-in links good") {
  World world;
  world.factor.enrol(world.principal.account, 60);
  const auto refused = world.login();
  CHECK(code_of(refused) == Errc::rate_limited);
  CHECK(refused.error().retry_after_seconds == 60);
  const std::string token = world.link("/v1/auth/magic-link/request");
  CHECK(code_of(world.consume(token)) == Errc::rate_limited);
  world.factor.enrol(world.principal.account);
  CHECK(world.consume(token));
}

TEST_CASE("a step-up is fresh for fifteen minutes, and needed by enrolled web sessions only") {
  World world;
  world.identity.host().clock().freeze();
  CHECK(world.check_step_up(world.principal));  // nobody is enrolled
  world.factor.enrol(world.principal.account);
  const auto never = world.check_step_up(world.principal);
  REQUIRE_FALSE(never);
  CHECK(never.error().code == Errc::mfa_step_up_required);
  CHECK(never.error().members == R"("requires_mfa_step_up":true,"reason":"never_satisfied")");
  Principal key = world.principal;
  key.kind = CredentialKind::api_key;
  CHECK(world.check_step_up(key));

  const auto call = world.identity.host().call();
  call->set_principal(world.principal);
  const std::int64_t now = world.identity.host().clock().unix_micros();
  auto& desk = world.identity.parts().sign_in_counter;
  REQUIRE(world.in_transaction([&](db::Transaction& transaction) { return desk.refresh_factor(transaction, *call, now); }, *call));
  world.identity.host().clock().advance(std::chrono::minutes(15));
  CHECK(world.check_step_up(world.principal));
  world.identity.host().clock().advance(std::chrono::microseconds(1));
  const auto expired = world.check_step_up(world.principal);
  REQUIRE_FALSE(expired);
  CHECK(expired.error().members == R"("requires_mfa_step_up":true,"reason":"expired")");
}

TEST_CASE("the desk makes sessions whose factor is fresh, for accounts that let people in") {
  World world;
  world.factor.enrol(world.principal.account);
  const bool is_open = GENERATE(true, false);
  if (!is_open) world.identity.execute(kSetStatus, db::values("suspended"));
  const auto call = world.identity.host().call();
  call->set_client("192.0.2.1", "test agent");
  const Uuid account = world.principal.account;
  const std::int64_t now = world.identity.host().clock().unix_micros();
  auto& desk = world.identity.parts().sign_in_counter;
  IssuedWebSession issued;
  auto work = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto held = co_await desk.hold(transaction, account);
    if (!held) co_return held;
    auto made = co_await desk.sign_in(transaction, *call, account, "mfa_totp", now);
    if (!made) co_return std::move(made).error();
    issued = *std::move(made);
    co_return Done();
  };
  const auto done = world.in_transaction(work, *call);
  REQUIRE(done.has_value() == is_open);
  if (!is_open) {
    CHECK(done.error().code == Errc::forbidden);
    return;
  }
  CHECK(world.check_step_up(world.identity.principal(issued.token)));
  CHECK(world.identity.audit().entries().back().action == "account.login");
  CHECK(world.identity.audit().entries().back().payload ==
        R"({"method":"mfa_totp","issued_from_ip":"192.0.2.1","user_agent":"test agent"})");
}

TEST_CASE("mails about the factor wait for the person, and knowing the address is no secret of the desk") {
  World world;
  const auto call = world.identity.host().call();
  const Uuid account = world.principal.account;
  auto& desk = world.identity.parts().sign_in_counter;
  for (const auto notice : {SecurityNotice::second_factor_enabled, SecurityNotice::second_factor_paused}) {
    REQUIRE(world.in_transaction([&](db::Transaction& transaction) { return desk.notify(transaction, account, notice, 0); }, *call));
  }
  CHECK(world.count(kMails) == 2);
  CHECK(*world.identity.run(desk.email_of(*call, account)) == "ada@example.com");
  const Uuid nobody = random_uuid();
  CHECK(world.identity.run(desk.email_of(*call, nobody)).error().code == Errc::not_found);
}

TEST_CASE("the account says whether it is enrolled, and its deletion removes the factor") {
  World world;
  const auto me = [&] { return world.identity.send(world.principal, Method::get, "/v1/account/me")->body; };
  CHECK(me().find(R"("mfa_enrolled":false)") != std::string::npos);
  world.factor.enrol(world.principal.account);
  CHECK(me().find(R"("mfa_enrolled":true)") != std::string::npos);
  REQUIRE(world.identity.send(world.principal, Method::delete_, "/v1/account/me", R"({"confirm":"delete-account"})"));
  CHECK(world.factor.removed().contains(world.principal.account));
}

}  // namespace driftstack::identity::test

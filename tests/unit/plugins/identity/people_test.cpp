// Signing up, in and out through the handlers. identity.md 3. What a client sees is tested on the wire; here is what only time, races and
// other processes show.

#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "driftstack/support/json.hpp"
#include "identity_fixture.hpp"
#include "plugins/identity/people/device_names.hpp"

namespace driftstack::identity::test {
namespace {

constinit const db::Statement kSetStatus("UPDATE identity_accounts SET status = $2 WHERE email = $1");
constinit const db::Statement kStored("SELECT password_hash FROM identity_accounts WHERE email = $1");
constinit const db::Statement kSessions("SELECT digest FROM identity_web_sessions");
constexpr const char* kAddress = "ada@example.com";
constexpr const char* kPassword = "correct horse battery";

struct World {
  World() : identity({{"email_delivery_mode", "stub"}}) {}

  Result<Response> post(std::string_view path, std::string body, IoThread thread = 0) {
    return identity.send(Principal(), Method::post, path, std::move(body), {}, nullptr, thread);
  }
  std::string link(std::string_view path) {
    const auto answer = post(path, std::string(R"({"email":")") + kAddress + "\"}");
    REQUIRE(answer);
    return text_member(*answer, "debug_token");
  }
  std::string sign_up() {
    const auto answer = post("/v1/auth/signup", credentials());
    REQUIRE(answer);
    return text_member(*answer, "debug_token");
  }
  static std::string credentials(std::string_view password = kPassword) {
    return std::string(R"({"email":")") + kAddress + R"(","password":")" + std::string(password) + "\"}";
  }
  static std::string token_body(const std::string& token) { return R"({"token":")" + token + "\"}"; }
  static std::string session_in(const Result<Response>& answer) {
    REQUIRE(answer);
    const auto body = wire::Json::parse(answer->body);
    return *body->view().find("session")->find("token")->as_text();
  }
  /// A verified account; the token of its session.
  std::string person() { return session_in(post("/v1/auth/verify-email", token_body(sign_up()))); }
  Result<Response> login(std::string_view password = kPassword) { return post("/v1/auth/login", credentials(password)); }
  Result<Response> reset(const std::string& token, std::string_view password) {
    return post("/v1/auth/password-reset/confirm", R"({"token":")" + token + R"(","new_password":")" + std::string(password) + "\"}");
  }
  db::Rows rows(const db::Statement& statement, db::Values values) {
    const auto call = identity.host().call();
    auto found = identity.run(identity.database().read(*call, statement, std::move(values)));
    REQUIRE(found);
    return *std::move(found);
  }

  IdentityFixture identity;
};

template <class T>
Errc code_of(const Result<T>& answer) {
  REQUIRE_FALSE(answer);
  return answer.error().code;
}

}  // namespace

TEST_CASE("neither password nor tokens are stored") {
  World world;
  const std::string token = world.person();
  const auto stored = world.rows(kStored, db::values(kAddress));
  CHECK(stored[0].text(0).starts_with("scrypt$15$8$1$"));
  const auto sessions = world.rows(kSessions, db::values());
  REQUIRE(sessions.size() == 1);
  CHECK(sessions[0].text(0) == digest_text(token));
  CHECK(sessions[0].text(0) != token);
}

TEST_CASE("each link ends on the microsecond") {
  World world;
  world.person();
  world.identity.host().clock().freeze();
  struct Row {
    const char* request;
    std::chrono::microseconds life;
  };
  const auto row = GENERATE(Row{"/v1/auth/magic-link/request", std::chrono::minutes(15)},
                            Row{"/v1/auth/password-reset/request", std::chrono::minutes(60)});
  const bool is_in_time = GENERATE(true, false);
  const std::string token = world.link(row.request);
  world.identity.host().clock().advance(row.life - std::chrono::microseconds(is_in_time ? 1 : 0));
  const bool is_magic = row.life == std::chrono::minutes(15);
  const auto answer = is_magic ? world.post("/v1/auth/magic-link/consume", World::token_body(token)) : world.reset(token, kPassword);
  if (is_in_time) {
    CHECK(answer);
  } else {
    CHECK(code_of(answer) == Errc::invalid_auth_token);
  }
}

TEST_CASE("a verification link lives thirty minutes") {
  World world;
  world.identity.host().clock().freeze();
  const std::string token = world.sign_up();
  const bool is_in_time = GENERATE(true, false);
  world.identity.host().clock().advance(std::chrono::minutes(30) - std::chrono::microseconds(is_in_time ? 1 : 0));
  CHECK(world.post("/v1/auth/verify-email", World::token_body(token)).has_value() == is_in_time);
}

TEST_CASE("a web session lives thirty days, remembered or not, and a refresh starts anew") {
  World world;
  auto& clock = world.identity.host().clock();
  clock.freeze();
  const std::string token = world.person();
  CHECK(world.identity.principal(token).kind == CredentialKind::web_session);
  clock.advance(std::chrono::hours(24 * 29));
  const std::string fresh = World::session_in(world.post("/v1/auth/refresh", World::token_body(token)));
  CHECK(code_of(world.identity.authenticate(token)) == Errc::unauthorized);
  clock.advance(std::chrono::hours(24 * 30) - std::chrono::microseconds(1));
  CHECK(world.identity.authenticate(fresh));
  clock.advance(std::chrono::microseconds(1));
  CHECK(code_of(world.identity.authenticate(fresh)) == Errc::unauthorized);
  CHECK(code_of(world.post("/v1/auth/refresh", World::token_body(fresh))) == Errc::unauthorized);
}

TEST_CASE("a remembered session costs no look at the database, until it ends") {
  World world;
  const std::string token = world.person();
  CHECK_FALSE(world.identity.authenticate_now(token));
  REQUIRE(world.identity.authenticate(token));
  const auto known = world.identity.authenticate_now(token);
  REQUIRE(known);
  REQUIRE(*known);
  CHECK((**known).scopes == ScopeSet{Scope::account_owner});
  REQUIRE(world.post("/v1/auth/logout", World::token_body(token)));
  CHECK_FALSE(world.identity.authenticate_now(token));
  CHECK(code_of(world.identity.authenticate(token)) == Errc::unauthorized);
}

TEST_CASE("a session that ends in another process is refused here within a second") {
  World world;
  const std::string token = world.person();
  REQUIRE(world.identity.authenticate(token));
  {
    const auto other = world.identity.other_process();
    const auto call = world.identity.host().call();
    REQUIRE(world.identity.run(other->parts.sign_in.leave(*call, token)));
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (world.identity.authenticate(token)) REQUIRE(std::chrono::steady_clock::now() < end);
  CHECK(code_of(world.identity.authenticate(token)) == Errc::unauthorized);
}

TEST_CASE("a suspended account is neither let in nor sent links") {
  World world;
  const std::string token = world.person();
  const std::string magic = world.link("/v1/auth/magic-link/request");
  world.identity.execute(kSetStatus, db::values(kAddress, "suspended"));
  CHECK(code_of(world.login()) == Errc::forbidden);
  CHECK(code_of(world.login("wrong horse battery")) == Errc::invalid_credentials);
  CHECK(code_of(world.post("/v1/auth/magic-link/consume", World::token_body(magic))) == Errc::forbidden);
  CHECK(code_of(world.post("/v1/auth/refresh", World::token_body(token))) == Errc::unauthorized);
  CHECK(code_of(world.identity.authenticate(token)) == Errc::forbidden);
  const std::string ignored = world.link("/v1/auth/password-reset/request");
  CHECK(code_of(world.reset(ignored, kPassword)) == Errc::invalid_auth_token);
}

TEST_CASE("an account without a password is entered by links only, at the price of a wrong password") {
  World world;
  world.sign_up();
  const std::string magic = world.link("/v1/auth/magic-link/request");
  REQUIRE(world.post("/v1/auth/magic-link/consume", World::token_body(magic)));
  CHECK(world.rows(kStored, db::values(kAddress))[0].is_null(0));
  CHECK(code_of(world.login()) == Errc::invalid_credentials);
  REQUIRE(world.reset(world.link("/v1/auth/password-reset/request"), "another horse battery"));
  CHECK(world.login("another horse battery"));
}

TEST_CASE("equal passwords for unknown addresses are hashed one by one, as for known ones") {
  World world;
  const Passwords& passwords = world.identity.parts().passwords;
  const StoredHash ada = passwords.stand_in("ada@example.com");
  CHECK(passwords.stand_in("ada@example.com") == ada);
  CHECK(passwords.stand_in("eve@example.com").salt != ada.salt);
  CHECK(ada.cost == ScryptCost());
  const auto matches = world.identity.run(passwords.matches(SecretText(kPassword), "ada@example.com", std::nullopt));
  REQUIRE(matches);
  CHECK_FALSE(*matches);
}

TEST_CASE("a reset proves the mailbox too") {
  World world;
  world.sign_up();
  REQUIRE(world.reset(world.link("/v1/auth/password-reset/request"), "another horse battery"));
  CHECK(world.login("another horse battery"));
  CHECK(code_of(world.login()) == Errc::invalid_credentials);
  CHECK(world.identity.audit().entries("account.email_verified").size() == 1);
}

TEST_CASE("whatever signs in while the password is reset ends with the old one") {
  World world;
  world.person();
  const std::string token = world.link("/v1/auth/password-reset/request");
  std::array<Result<Response>, 6> answers{Error(Errc::internal, ""), Error(Errc::internal, ""), Error(Errc::internal, ""),
                                          Error(Errc::internal, ""), Error(Errc::internal, ""), Error(Errc::internal, "")};
  in_parallel(6, [&](int i) {
    const auto at = static_cast<std::size_t>(i);
    answers[at] = i == 0 ? world.reset(token, "another horse battery") : world.post("/v1/auth/login", World::credentials(), i % 2);
  });
  const std::string kept = World::session_in(answers[0]);
  CHECK(world.identity.authenticate(kept));
  for (std::size_t i = 1; i < answers.size(); ++i) {
    if (!answers[i]) continue;  // it came after the reset
    CHECK(code_of(world.identity.authenticate(World::session_in(answers[i]))) == Errc::unauthorized);
  }
}

TEST_CASE("an account is deleted once, whoever signs in meanwhile is out, and nothing names its person any more") {
  World world;
  const std::string token = world.person();
  const Principal caller = world.identity.principal(token);
  constexpr int kCallers = 6;
  std::array<std::optional<Result<Response>>, kCallers> answers;
  in_parallel(kCallers, [&](int i) {
    answers[static_cast<std::size_t>(i)] =
        i % 2 == 0 ? world.identity.send(caller, Method::delete_, "/v1/account/me", R"({"confirm":"delete-account"})", {}, nullptr,
                                         static_cast<IoThread>(i % 2))
                   : world.post("/v1/auth/login", World::credentials(), 1);
  });
  CHECK(world.identity.audit().entries("account.deleted").size() == 1);
  for (std::size_t i = 1; i < kCallers; i += 2) {
    if (*answers[i]) CHECK_FALSE(world.identity.authenticate(World::session_in(*answers[i])));
  }
  CHECK_FALSE(world.identity.authenticate(token));
  CHECK(world.rows(kStored, db::values(kAddress)).empty());
  CHECK(code_of(world.login()) == Errc::invalid_credentials);
}

TEST_CASE("a change whose entry cannot be written does not happen") {
  World world;
  const std::string token = world.person();
  world.identity.audit().fail_next(Error(Errc::unavailable, "full"));
  CHECK_FALSE(world.login());
  CHECK(world.rows(kSessions, db::values()).size() == 1);
  world.identity.audit().fail_next(Error(Errc::unavailable, "full"));
  CHECK_FALSE(world.post("/v1/auth/logout", World::token_body(token)));
  CHECK(world.identity.authenticate(token));
  const std::string reset = world.link("/v1/auth/password-reset/request");
  world.identity.audit().fail_next(Error(Errc::unavailable, "full"));
  CHECK_FALSE(world.reset(reset, "another horse battery"));
  CHECK(world.login());
  CHECK(world.reset(reset, "another horse battery"));
}

TEST_CASE("tokens of links and sessions have one form that no other credential has") {
  for (int i = 0; i < 100; ++i) {
    const std::string token = random_secret_token();
    CHECK(is_secret_token(token));
    CHECK(TokenText::from_text(token));
  }
  const std::string good(kSecretTokenSize, 'a');
  CHECK(is_secret_token(good));
  for (const std::string& bad :
       {good + "a", good.substr(1), "ds_" + good.substr(3), "oat_" + good.substr(4), "!" + good.substr(1), std::string()}) {
    CHECK_FALSE(is_secret_token(bad));
  }
}

TEST_CASE("an address has one spelling") {
  struct Row {
    const char* given;
    const char* stored;  ///< null: refused
  };
  for (const Row& row : {Row{" Ada.Byron+x@Example.COM ", "ada.byron+x@example.com"}, Row{"a@b.co", "a@b.co"}, Row{"a@b", nullptr},
                         Row{"ä@example.com", nullptr}, Row{"a b@example.com", nullptr}, Row{"a@ex_ample.com", nullptr},
                         Row{"\"a\"@example.com", nullptr}, Row{"a@example.com.", nullptr}, Row{"a@@example.com", nullptr}}) {
    CAPTURE(row.given);
    const auto address = EmailAddress::from_text(row.given);
    REQUIRE(address.has_value() == (row.stored != nullptr));
    if (address) CHECK(address->text() == row.stored);
  }
}

TEST_CASE("a device is named coarsely") {
  struct Row {
    const char* agent;
    const char* os;
    const char* browser;
  };
  for (const Row& row :
       {Row{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15",
            "macOS", "Safari"},
        Row{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0",
            "Windows", "Edge"},
        Row{"Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36", "ChromeOS", "Chrome"},
        Row{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120 Mobile Safari/604.1",
            "iOS", "Chrome"},
        Row{"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36 OPR/76", "Android",
            "Opera"},
        Row{"Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Linux", "Firefox"},
        Row{"curl/7.88", "Unknown", "Unknown"}, Row{"", "Unknown", "Unknown"}}) {
    CAPTURE(row.agent);
    CHECK(os_name(row.agent) == row.os);
    CHECK(browser_name(row.agent) == row.browser);
  }
}

}  // namespace driftstack::identity::test

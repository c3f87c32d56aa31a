// Getting a factor, looking after it, and getting rid of it. identity.md 4.2, 4.7.

#include <catch2/catch.hpp>

#include "mfa_fixture.hpp"

namespace driftstack::mfa_totp::test {
namespace {

constinit const db::Statement kStored("SELECT sealed_seed, recovery_salt FROM mfa_totp_factors");
constinit const db::Statement kCodes("SELECT digest, used_at FROM mfa_totp_recovery_codes ORDER BY digest");

db::Rows rows(MfaFixture& mfa, const db::Statement& statement) {
  const auto call = mfa.host.call();
  auto found = mfa.run(mfa.parts().store.database().read(*call, statement, db::values()));
  REQUIRE(found);
  return *std::move(found);
}

std::string status(MfaFixture& mfa, const Principal& person) {
  const auto answer = mfa.send(person, Method::get, "/v1/account/mfa");
  REQUIRE(answer);
  return answer->body;
}

std::vector<std::string> actions(MfaFixture& mfa) {
  std::vector<std::string> names;
  for (const AuditEntry& entry : mfa.audit.entries()) names.push_back(entry.action);
  return names;
}

constexpr const char* kNothing = R"({"enrolled":false,"enrolled_at":null,"last_used_at":null,"unused_recovery_codes":0})";

}  // namespace

TEST_CASE("a pending seed protects nothing, each new one replaces it, and the first code enrols") {
  MfaFixture mfa;
  mfa.next_step();
  const Principal person = MfaFixture::person();
  CHECK(status(mfa, person) == kNothing);
  CHECK(code_of(mfa.send(person, Method::post, "/v1/account/mfa/verify", R"({"code":"123456"})")) == Errc::not_found);
  const auto first = mfa.send(person, Method::post, "/v1/account/mfa/enroll");
  REQUIRE(first);
  const auto second = mfa.send(person, Method::post, "/v1/account/mfa/enroll");
  REQUIRE(second);
  CHECK(text_member(*second, "algorithm") == "SHA1");
  CHECK(text_member(*second, "otpauth_uri").find("secret=" + text_member(*second, "secret_base32")) != std::string::npos);
  CHECK(text_member(*second, "qr_svg").starts_with("<svg"));
  CHECK(status(mfa, person) == kNothing);
  CHECK_FALSE(mfa.challenge(person.account));

  const Step now = step_at(mfa.host.clock().unix_micros());
  const auto verify = [&](const Response& invitation) {
    return mfa.send(person, Method::post, "/v1/account/mfa/verify", R"({"code":")" + code_of(seed_in(invitation), now) + "\"}");
  };
  CHECK(code_of(verify(*first)) == Errc::bad_request);
  CHECK(mfa.desk.derivations() == 0);
  const auto enrolled = verify(*second);
  REQUIRE(enrolled);
  CHECK(texts_member(*enrolled, "recovery_codes").size() == 10);
  CHECK(status(mfa, person).find(R"("enrolled":true)") != std::string::npos);
  CHECK(status(mfa, person).find(R"("last_used_at":null,"unused_recovery_codes":10)") != std::string::npos);
  CHECK(mfa.challenge(person.account));
  CHECK(actions(mfa) == std::vector<std::string>{"account.mfa_enrolled"});
  REQUIRE(mfa.desk.notices().size() == 1);
  CHECK(mfa.desk.notices()[0].notice == SecurityNotice::second_factor_enabled);
  CHECK(code_of(verify(*second)) == Errc::conflict);
  CHECK(code_of(mfa.send(person, Method::post, "/v1/account/mfa/enroll")) == Errc::conflict);
}

TEST_CASE("neither seed nor recovery codes are stored") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const auto factor = rows(mfa, kStored);
  REQUIRE(factor.size() == 1);
  CHECK(factor[0].text(0).find(person.seed->base32()) == std::string::npos);
  const auto codes = rows(mfa, kCodes);
  REQUIRE(codes.size() == 10);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    for (const std::string& code : person.recovery_codes) CHECK(codes[i].text(0).find(*normal_recovery_code(code)) == std::string::npos);
  }
}

TEST_CASE("of many that verify at once one enrols") {
  MfaFixture mfa;
  mfa.next_step();
  const Principal person = MfaFixture::person();
  const auto invitation = mfa.send(person, Method::post, "/v1/account/mfa/enroll");
  REQUIRE(invitation);
  const std::string body = R"({"code":")" + code_of(seed_in(*invitation), step_at(mfa.host.clock().unix_micros())) + "\"}";
  std::vector<Errc> outcomes(20, Errc::forbidden);
  in_parallel(20, [&](int i) {
    const auto answer = mfa.send(person, Method::post, "/v1/account/mfa/verify", body, kHome, static_cast<IoThread>(i % 2));
    if (!answer) outcomes[static_cast<std::size_t>(i)] = answer.error().code;
  });
  CHECK(std::count(outcomes.begin(), outcomes.end(), Errc::forbidden) == 1);
  CHECK(std::count(outcomes.begin(), outcomes.end(), Errc::conflict) == 19);
  CHECK(rows(mfa, kCodes).size() == 10);
  CHECK(mfa.desk.notices().size() == 1);
}

TEST_CASE("disabling removes everything that is left, and is told once") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const auto challenge = mfa.challenge(person.account());
  REQUIRE(challenge);
  const bool by_post = GENERATE(true, false);
  const auto disable = [&] {
    return by_post ? mfa.send(person.principal, Method::post, "/v1/account/mfa/disable", R"({"confirm":"disable-mfa"})")
                   : mfa.send(person.principal, Method::delete_, "/v1/account/mfa", R"({"confirm":"disable-mfa"})");
  };
  CHECK(code_of(mfa.send(person.principal, Method::delete_, "/v1/account/mfa", R"({"confirm":"yes"})")) == Errc::validation_failed);
  const auto done = disable();
  REQUIRE(done);
  CHECK(done->status == 204);
  CHECK(status(mfa, person.principal) == kNothing);
  CHECK(rows(mfa, kCodes).empty());
  CHECK_FALSE(mfa.challenge(person.account()));
  CHECK(code_of(mfa.answer(*challenge, mfa.code_member(person))) == Errc::bad_request);
  CHECK(disable());
  CHECK(actions(mfa) == std::vector<std::string>{"account.mfa_enrolled", "account.mfa_disabled"});
  CHECK(mfa.send(person.principal, Method::post, "/v1/account/mfa/enroll"));
}

TEST_CASE("disabling drops a pending enrolment without an entry") {
  MfaFixture mfa;
  const Principal person = MfaFixture::person();
  REQUIRE(mfa.send(person, Method::post, "/v1/account/mfa/enroll"));
  CHECK(mfa.send(person, Method::delete_, "/v1/account/mfa", R"({"confirm":"disable-mfa"})"));
  CHECK(rows(mfa, kStored).empty());
  CHECK(actions(mfa).empty());
}

TEST_CASE("new recovery codes end the old ones") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  CHECK(code_of(mfa.send(MfaFixture::person(), Method::post, "/v1/account/mfa/recovery-codes/regenerate")) == Errc::not_found);
  const auto renewed = mfa.send(person.principal, Method::post, "/v1/account/mfa/recovery-codes/regenerate");
  REQUIRE(renewed);
  const auto codes = texts_member(*renewed, "recovery_codes");
  CHECK(codes.size() == 10);
  CHECK(rows(mfa, kCodes).size() == 20);
  const auto challenge = mfa.challenge(person.account());
  REQUIRE(challenge);
  CHECK(code_of(mfa.answer(*challenge, R"("recovery_code":")" + person.recovery_codes[0] + "\"")) == Errc::bad_request);
  CHECK(mfa.answer(*challenge, R"("recovery_code":")" + codes[0] + "\""));
  CHECK(actions(mfa) == std::vector<std::string>{"account.mfa_enrolled", "account.recovery_code_used"});
}

}  // namespace driftstack::mfa_totp::test

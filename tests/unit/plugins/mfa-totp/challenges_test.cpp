// The second half of a sign-in, its limits and its races. identity.md 4.3 to 4.5; security.md 11 to 13.

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "mfa_fixture.hpp"

namespace driftstack::mfa_totp::test {
namespace {

std::string recovery_member(const std::string& code) { return R"("recovery_code":")" + code + "\""; }
std::string code_text(const std::string& code) { return R"("code":")" + code + "\""; }

Result<Response> step_up(MfaFixture& mfa, const MfaFixture::Enrolled& person, std::string members, IoThread thread = 0) {
  return mfa.send(person.principal, Method::post, "/v1/auth/mfa/step-up", "{" + std::move(members) + "}", kHome, thread);
}

SignInChallenge challenge_of(MfaFixture& mfa, const MfaFixture::Enrolled& person) {
  const auto challenge = mfa.challenge(person.account());
  REQUIRE(challenge);
  return *challenge;
}

/// Outcomes of `count` calls at once: how many passed, and the codes of the others.
struct Outcomes {
  int passed = 0;
  std::multiset<Errc> refused;
};
Outcomes race(int count, const std::function<Result<Response>(IoThread)>& send) {
  std::vector<std::optional<Errc>> each(static_cast<std::size_t>(count));
  in_parallel(count, [&](int i) {
    const auto answer = send(static_cast<IoThread>(i % 2));
    if (!answer) each[static_cast<std::size_t>(i)] = answer.error().code;
  });
  Outcomes outcomes;
  for (const auto& code : each) {
    if (code) {
      outcomes.refused.insert(*code);
    } else {
      ++outcomes.passed;
    }
  }
  return outcomes;
}

}  // namespace

TEST_CASE("a challenge and a code make one web session") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const auto challenge = challenge_of(mfa, person);
  CHECK(challenge.token.size() == 43);
  CHECK(challenge.expires_at == mfa.host.clock().unix_micros() + 5 * kMinuteMicros);
  CHECK(challenge.paused_seconds == 0);
  const auto answer = mfa.answer(challenge, mfa.code_member(person));
  REQUIRE(answer);
  CHECK(text_member(*answer, "via") == "totp");
  REQUIRE(mfa.desk.signed_in().size() == 1);
  CHECK(mfa.desk.signed_in()[0].account == person.account());
  CHECK(mfa.desk.signed_in()[0].method == "mfa_totp");
  CHECK(mfa.desk.signed_in()[0].at == mfa.host.clock().unix_micros());
  mfa.next_step();
  CHECK(code_of(mfa.answer(challenge, mfa.code_member(person))) == Errc::bad_request);
  CHECK(mfa.desk.signed_in().size() == 1);
}

TEST_CASE("a challenge is good for five minutes and for the address that got it") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const auto challenge = challenge_of(mfa, person);
  CHECK(code_of(mfa.answer(challenge, mfa.code_member(person), "192.0.2.2")) == Errc::bad_request);
  const bool is_in_time = GENERATE(true, false);
  mfa.host.clock().advance(std::chrono::minutes(5) - std::chrono::microseconds(is_in_time ? 1 : 0));
  CHECK(mfa.answer(challenge, mfa.code_member(person)).has_value() == is_in_time);
}

TEST_CASE("the wrong address neither uses a challenge up nor counts against the account") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const auto challenge = challenge_of(mfa, person);
  for (int i = 0; i < 20; ++i) CHECK(code_of(mfa.answer(challenge, code_text(mfa.wrong_code(person)), "192.0.2.2")) == Errc::bad_request);
  CHECK(mfa.answer(challenge, mfa.code_member(person)));
}

TEST_CASE("the step of an accepted code, the enrolment's included, is never accepted again") {
  MfaFixture mfa;
  mfa.next_step();
  MfaFixture::Enrolled person;
  person.principal = MfaFixture::person();
  person.seed = seed_in(*mfa.send(person.principal, Method::post, "/v1/account/mfa/enroll"));
  const std::string code = mfa.code(person);
  REQUIRE(mfa.send(person.principal, Method::post, "/v1/account/mfa/verify", "{" + code_text(code) + "}"));
  CHECK(code_of(mfa.answer(challenge_of(mfa, person), code_text(code))) == Errc::bad_request);
  CHECK(code_of(step_up(mfa, person, code_text(code))) == Errc::bad_request);
  mfa.next_step();
  const std::string next = mfa.code(person);
  CHECK(step_up(mfa, person, code_text(next)));
  CHECK(mfa.desk.refreshed_at(person.principal.credential) == mfa.host.clock().unix_micros());
  CHECK(code_of(mfa.answer(challenge_of(mfa, person), code_text(next))) == Errc::bad_request);
  CHECK(code_of(mfa.answer(challenge_of(mfa, person), code_text(code))) == Errc::bad_request);  // the step before
  mfa.next_step();
  CHECK(mfa.answer(challenge_of(mfa, person), mfa.code_member(person)));
}

TEST_CASE("the fifth wrong code ends a challenge, with the right one behind it") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const int failures = GENERATE(4, 5);
  const auto challenge = challenge_of(mfa, person);
  for (int i = 0; i < failures; ++i) {
    // Both kinds count together.
    const std::string wrong = i % 2 == 0 ? code_text(mfa.wrong_code(person)) : recovery_member("00000-00000");
    CHECK(code_of(mfa.answer(challenge, wrong)) == Errc::bad_request);
  }
  CHECK(mfa.answer(challenge, mfa.code_member(person)).has_value() == (failures == 4));
}

TEST_CASE("ten wrong codes in a quarter of an hour pause the account for a quarter of an hour, with one mail") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const auto fail = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const auto answer = i % 2 == 0 ? step_up(mfa, person, code_text(mfa.wrong_code(person)))
                                     : mfa.answer(challenge_of(mfa, person), recovery_member("no code"));
      CHECK(code_of(answer) == Errc::bad_request);
    }
  };
  fail(9);
  CHECK(mfa.desk.notices().size() == 1);  // of the enrolment
  CHECK(step_up(mfa, person, mfa.code_member(person)));
  mfa.next_step();
  fail(1);
  REQUIRE(mfa.desk.notices().size() == 2);
  CHECK(mfa.desk.notices()[1].notice == SecurityNotice::second_factor_paused);
  CHECK(mfa.desk.notices()[1].account == person.account());

  const auto challenge = challenge_of(mfa, person);
  CHECK(challenge.paused_seconds == 900);
  const auto refused = mfa.answer(challenge, mfa.code_member(person));
  CHECK(code_of(refused) == Errc::rate_limited);
  CHECK(refused.error().retry_after_seconds == 900);
  CHECK(code_of(step_up(mfa, person, mfa.code_member(person))) == Errc::rate_limited);
  CHECK(code_of(step_up(mfa, person, recovery_member(person.recovery_codes[0]))) == Errc::rate_limited);
  mfa.host.clock().advance(std::chrono::minutes(15) - std::chrono::microseconds(1));
  CHECK(code_of(step_up(mfa, person, mfa.code_member(person))) == Errc::rate_limited);
  mfa.host.clock().advance(std::chrono::microseconds(1));
  CHECK(step_up(mfa, person, recovery_member(person.recovery_codes[0])));
  CHECK(mfa.answer(challenge_of(mfa, person), mfa.code_member(person)));
  CHECK(mfa.desk.notices().size() == 2);
}

TEST_CASE("failures older than a quarter of an hour do not count, and other accounts do not either") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const auto other = mfa.enrolled();
  for (int i = 0; i < 9; ++i) CHECK_FALSE(step_up(mfa, person, code_text(mfa.wrong_code(person))));
  for (int i = 0; i < 9; ++i) CHECK_FALSE(step_up(mfa, other, code_text(mfa.wrong_code(other))));
  mfa.host.clock().advance(std::chrono::minutes(15));
  for (int i = 0; i < 9; ++i) CHECK_FALSE(step_up(mfa, person, code_text(mfa.wrong_code(person))));
  CHECK(step_up(mfa, person, mfa.code_member(person)));
  CHECK(mfa.desk.notices().size() == 2);  // of the two enrolments
}

TEST_CASE("a recovery code works once, in any spelling, and tells how many are left") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  std::string typed = person.recovery_codes[3];
  std::transform(typed.begin(), typed.end(), typed.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
  typed.erase(5, 1);
  const auto answer = mfa.answer(challenge_of(mfa, person), recovery_member(typed));
  REQUIRE(answer);
  CHECK(text_member(*answer, "via") == "recovery");
  CHECK(mfa.desk.signed_in()[0].method == "mfa_recovery");
  const auto entry = mfa.audit.entries().back();
  CHECK(entry.action == "account.recovery_code_used");
  CHECK(entry.payload == R"({"remaining":9})");
  CHECK(entry.account == person.account());
  CHECK(entry.actor_account == person.account());
  CHECK(code_of(step_up(mfa, person, recovery_member(person.recovery_codes[3]))) == Errc::bad_request);
  CHECK(step_up(mfa, person, recovery_member(person.recovery_codes[4])));
  CHECK(mfa.audit.entries().back().payload == R"({"remaining":8})");
}

TEST_CASE("only the code is looked at when both are sent") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const std::string both = code_text(mfa.wrong_code(person)) + "," + recovery_member(person.recovery_codes[0]);
  CHECK(code_of(step_up(mfa, person, both)) == Errc::bad_request);
  CHECK(step_up(mfa, person, recovery_member(person.recovery_codes[0])));
}

TEST_CASE("of fifty challenges with one code one signs in, and the others count for nothing") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  std::vector<SignInChallenge> challenges;
  for (int i = 0; i < 50; ++i) challenges.push_back(challenge_of(mfa, person));
  const std::string code = mfa.code_member(person);
  std::atomic<std::size_t> next{0};
  const auto outcomes = race(50, [&](IoThread thread) { return mfa.answer(challenges[next++], code, kHome, thread); });
  CHECK(outcomes.passed == 1);
  CHECK(outcomes.refused.count(Errc::bad_request) == 49);
  CHECK(mfa.desk.signed_in().size() == 1);
  mfa.next_step();
  CHECK(mfa.answer(challenge_of(mfa, person), mfa.code_member(person)));
}

TEST_CASE("of fifty requests with one challenge one signs in") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const auto challenge = challenge_of(mfa, person);
  const std::string code = mfa.code_member(person);
  const auto outcomes = race(50, [&](IoThread thread) { return mfa.answer(challenge, code, kHome, thread); });
  CHECK(outcomes.passed == 1);
  CHECK(outcomes.refused.count(Errc::bad_request) == 49);
}

TEST_CASE("of fifty requests with one recovery code one passes") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const std::string code = recovery_member(person.recovery_codes[0]);
  const auto outcomes = race(50, [&](IoThread thread) { return step_up(mfa, person, code, thread); });
  CHECK(outcomes.passed == 1);
  CHECK(outcomes.refused.count(Errc::bad_request) == 10);
  CHECK(outcomes.refused.count(Errc::rate_limited) == 39);  // a used code is a wrong one
}

TEST_CASE("fifty wrong codes at once count as five for their challenge") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const auto challenge = challenge_of(mfa, person);
  const std::string code = code_text(mfa.wrong_code(person));
  const auto outcomes = race(50, [&](IoThread thread) { return mfa.answer(challenge, code, kHome, thread); });
  CHECK(outcomes.refused.count(Errc::bad_request) == 50);
  CHECK(challenge_of(mfa, person).paused_seconds == 0);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(step_up(mfa, person, code));
  CHECK(challenge_of(mfa, person).paused_seconds == 900);
}

TEST_CASE("ending an account's challenges, and removing the account, leaves nothing to come in by") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const auto challenge = challenge_of(mfa, person);
  const bool is_removed = GENERATE(true, false);
  const Uuid account = person.account();
  const auto call = mfa.host.call();
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    if (is_removed) return mfa.parts().challenges.remove(transaction, account);
    return mfa.parts().challenges.end_challenges(transaction, account);
  };
  REQUIRE(mfa.run(db::transaction(mfa.parts().store.database(), *call, body)));
  CHECK(code_of(mfa.answer(challenge, mfa.code_member(person))) == Errc::bad_request);
  const auto enrolled = mfa.run(mfa.parts().challenges.is_enrolled(*call, account));
  REQUIRE(enrolled);
  CHECK(*enrolled == !is_removed);
}

TEST_CASE("bad input names the field, and what is no account's challenge leads nowhere") {
  MfaFixture mfa;
  const auto person = mfa.enrolled();
  const char* body = GENERATE(R"({"code":"12345"})", R"({"code":"1234567"})", R"({"code":"12345a"})", R"({"code":123456})", R"({})",
                              R"({"recovery_code":""})");
  CHECK(code_of(mfa.send(person.principal, Method::post, "/v1/auth/mfa/step-up", body)) == Errc::validation_failed);
  CHECK(code_of(mfa.send(Principal(), Method::post, "/v1/auth/mfa/challenge", R"({"challenge_token":"","code":"123456"})")) ==
        Errc::validation_failed);
  SignInChallenge unknown;
  unknown.token = std::string(43, 'x');
  CHECK(code_of(mfa.answer(unknown, mfa.code_member(person))) == Errc::bad_request);
  CHECK(code_of(mfa.send(MfaFixture::person(), Method::post, "/v1/auth/mfa/step-up", R"({"code":"123456"})")) == Errc::not_found);
}

}  // namespace driftstack::mfa_totp::test

#include "plugins/mfa-totp/recovery_codes.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "mfa_fixture.hpp"

namespace driftstack::mfa_totp::test {

TEST_CASE("a set is ten different codes of Crockford's alphabet, with one salt and ten digests") {
  MfaFixture mfa;
  const auto call = mfa.host.call();
  const auto set = mfa.run(mfa.parts().recovery.make(*call));
  REQUIRE(set);
  CHECK(std::set<std::string>(set->codes.begin(), set->codes.end()).size() == 10);
  CHECK(std::set<std::string>(set->digests.begin(), set->digests.end()).size() == 10);
  CHECK(mfa.desk.derivations() == 10);
  for (std::size_t i = 0; i < set->codes.size(); ++i) {
    const std::string& code = set->codes[i];
    REQUIRE(code.size() == 11);
    CHECK(code[5] == '-');
    CHECK(code.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ-") == std::string::npos);
    const auto again = mfa.run(mfa.parts().recovery.digest(*call, *normal_recovery_code(code), set->salt));
    REQUIRE(again);
    CHECK(*again == set->digests[i]);
  }
}

TEST_CASE("what people type is brought to one form, or is no code") {
  for (const char* typed : {"ABCDE-12345", "abcde12345", "abcde 12345", " abc-de1-2345 "})
    CHECK(normal_recovery_code(typed) == "ABCDE12345");
  for (const char* typed : {"", "ABCDE-1234", "ABCDE-123456", "ABCDE-1234I", "ABCDE-1234L", "ABCDE-1234O", "ABCDE-1234U", "ABCDE_12345"}) {
    CHECK_FALSE(normal_recovery_code(typed));
  }
  CHECK_FALSE(normal_recovery_code(std::string(100, '-') + "ABCDE12345"));
}

}  // namespace driftstack::mfa_totp::test

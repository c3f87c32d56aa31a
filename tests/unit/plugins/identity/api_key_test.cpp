#include "plugins/identity/api_key.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace driftstack::identity {

TEST_CASE("a fresh key has its environment's mark, 40 letters or digits, and reads back with its prefix") {
  for (const auto& [environment, mark] : {std::pair(KeyEnvironment::live, "ds_live_"), std::pair(KeyEnvironment::test, "ds_test_")}) {
    const std::string token = random_api_key(environment);
    CHECK(token.size() == kTokenSize);
    CHECK(token.substr(0, 8) == mark);
    const auto prefix = prefix_of(token);
    REQUIRE(prefix);
    CHECK(view(*prefix) == token.substr(0, 14));
  }
}

TEST_CASE("fresh keys differ and use the whole alphabet") {
  std::set<std::string> tokens;
  std::set<char> letters;
  for (int i = 0; i < 200; ++i) {
    const std::string token = random_api_key(KeyEnvironment::live);
    tokens.insert(token);
    letters.insert(token.begin() + kEnvironmentSize, token.end());
  }
  CHECK(tokens.size() == 200);
  CHECK(letters.size() == 62);
}

TEST_CASE("text of any other shape is no key") {
  const std::string good = "ds_live_" + std::string(40, 'a');
  REQUIRE(prefix_of(good));
  std::string wrong_letter = good;
  wrong_letter[20] = '_';
  std::string zero_byte = good;
  zero_byte[47] = '\0';
  const std::string candidates[] = {"",
                                    "ds_",
                                    "ds_live_",
                                    good + "a",
                                    good.substr(1),
                                    good.substr(0, 47),
                                    "ds_prod_" + std::string(40, 'a'),
                                    "DS_LIVE_" + std::string(40, 'a'),
                                    wrong_letter,
                                    zero_byte,
                                    " " + good.substr(0, 47)};
  for (const std::string& candidate : candidates) {
    CAPTURE(candidate);
    CHECK_FALSE(prefix_of(candidate));
  }
}

TEST_CASE("only the mark decides whether a token claims to be a key") {
  CHECK(claims_to_be_api_key("ds_anything"));
  CHECK_FALSE(claims_to_be_api_key("oat_anything"));
  CHECK_FALSE(claims_to_be_api_key("ds"));
  CHECK_FALSE(claims_to_be_api_key(""));
}

}  // namespace driftstack::identity

#include <catch2/catch.hpp>

#include "driftstack/testing/fake_secrets.hpp"

namespace driftstack::testing {
namespace {

TEST_CASE("a sealed text opens only under its own binding") {
  FakeSecrets secrets;
  const auto sealed = secrets.seal("proxy:1", "hunter2");
  REQUIRE(sealed);
  CHECK(*secrets.open("proxy:1", *sealed) == "hunter2");
  CHECK(secrets.open("proxy:2", *sealed).error().code == Errc::internal);
}

TEST_CASE("a change at any byte of a sealed text is detected") {
  FakeSecrets secrets;
  const auto sealed = *secrets.seal("b", "a text that is longer than one block of the covering stream, to be sure");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    INFO("byte " << i);
    CHECK_FALSE(secrets.open("b", changed));
  }
  CHECK_FALSE(secrets.open("b", sealed.substr(0, sealed.size() - 1)));
  CHECK_FALSE(secrets.open("b", ""));
}

TEST_CASE("sealing twice gives two texts, and neither shows what is inside") {
  FakeSecrets secrets;
  const auto first = *secrets.seal("b", "hunter2");
  const auto second = *secrets.seal("b", "hunter2");
  CHECK(first != second);
  CHECK(first.find("hunter2") == std::string::npos);
}

TEST_CASE("a mac depends on purpose and message, and where one ends and the other begins") {
  FakeSecrets secrets;
  CHECK(secrets.mac("key", "m") == FakeSecrets().mac("key", "m"));
  CHECK(secrets.mac("key", "m") != secrets.mac("key", "n"));
  CHECK(secrets.mac("key", "m") != secrets.mac("kex", "m"));
  CHECK(secrets.mac("ab", "c") != secrets.mac("a", "bc"));
}

}  // namespace
}  // namespace driftstack::testing

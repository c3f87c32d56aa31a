#include <catch2/catch.hpp>

#include "kernel/pipeline/idempotency.hpp"

namespace driftstack::kernel {
namespace {

using namespace std::string_view_literals;

TEST_CASE("A key is 1 to 255 printable characters, trimmed") {
  const std::string longest(255, 'k');
  const std::pair<std::string, std::string> table[] = {
      {"a", "a"},         {" \tkey-1\t ", "key-1"},        {"!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~", "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~"},
      {longest, longest}, {"  " + longest + " ", longest},
  };
  for (const auto& [value, key] : table) {
    CAPTURE(value);
    const auto read = idempotency_key(value);
    REQUIRE(read);
    CHECK(*read == key);
  }
}

TEST_CASE("An absent or blank key is no key") {
  for (const char* value : {"", " ", "\t \t"}) {
    const auto read = idempotency_key(value);
    REQUIRE(read);
    CHECK_FALSE(read->has_value());
  }
}

TEST_CASE("A key that is too long, has inner white space or is not printable ASCII is refused") {
  for (const auto value : {"a b"sv, "a\tb"sv, "a\x01"sv, "\x7f"sv, "caf\xC3\xA9"sv, "a\0b"sv}) {
    const auto read = idempotency_key(value);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::bad_request);
    CHECK(read.error().detail == "The Idempotency-Key header must be printable ASCII without white space.");
  }
  const auto read = idempotency_key(std::string(256, 'k'));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::bad_request);
  CHECK(read.error().detail == "The Idempotency-Key header must have at most 255 characters.");
}

}  // namespace
}  // namespace driftstack::kernel

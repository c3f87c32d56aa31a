#include <catch2/catch.hpp>

#include "driftstack/support/hex.hpp"

using namespace driftstack;

TEST_CASE("hex is written in lower case and read in both") {
  CHECK(hex_encode(std::string("\x00\x7F\xAB\xFF", 4)) == "007fabff");
  CHECK(hex_decode("007fABff") == std::string("\x00\x7F\xAB\xFF", 4));
  CHECK(hex_decode("") == "");
}

TEST_CASE("hex of odd length or with other characters is refused") {
  for (const std::string_view text : {"0", "0g", "g0", "0x12", " 12", "1 "}) {
    INFO(text);
    CHECK_FALSE(hex_decode(text).has_value());
  }
}

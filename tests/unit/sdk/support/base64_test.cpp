#include <catch2/catch.hpp>

#include "driftstack/support/base64.hpp"

using namespace driftstack;

TEST_CASE("base64 matches the vectors of RFC 4648 section 10") {
  const auto [bytes, text] = GENERATE(table<std::string, std::string>(
      {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}}));
  CHECK(base64_encode(bytes) == text);
  CHECK(base64_decode(text) == bytes);
  const std::string unpadded = text.substr(0, text.find('='));
  CHECK(base64url_encode(bytes) == unpadded);
  CHECK(base64url_decode(unpadded) == bytes);
}

TEST_CASE("the two alphabets differ in two characters and do not mix") {
  const std::string bytes = "\xFB\xEF\xFF";
  CHECK(base64_encode(bytes) == "++//");
  CHECK(base64url_encode(bytes) == "--__");
  CHECK_FALSE(base64_decode("--__").has_value());
  CHECK_FALSE(base64url_decode("++//").has_value());
}

TEST_CASE("text with another spelling of the same bytes is refused") {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z", "Zm9v=", "====", "Zm 9v", "Zm9v\n", "Z===", "=Zm9", "Zg==Zg==", "Zm9\xC3"}) {
    INFO(text);
    CHECK_FALSE(base64_decode(text).has_value());
  }
  for (const std::string_view text : {"Zg==", "Zh", "Zm9", "Z"}) {
    INFO(text);
    CHECK_FALSE(base64url_decode(text).has_value());
  }
}

TEST_CASE("every byte survives base64 at every length") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(base64_decode(base64_encode(bytes)) == bytes);
    CHECK(base64url_decode(base64url_encode(bytes)) == bytes);
    bytes += static_cast<char>(static_cast<unsigned char>(i * 7));
  }
}

TEST_CASE("base64 is appended behind what is there") {
  std::string out = "x=";
  append_base64(out, "foob");
  CHECK(out == "x=Zm9vYg==");
}

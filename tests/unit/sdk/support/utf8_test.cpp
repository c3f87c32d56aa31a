#include <catch2/catch.hpp>

#include <string>

#include "driftstack/support/utf8.hpp"

using namespace driftstack;

namespace {

// The scalar value as UTF-8, by the table of RFC 3629 section 3.
std::string encoded(char32_t c) {
  const auto byte = [](char32_t b) { return static_cast<char>(static_cast<unsigned char>(b)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
}

}  // namespace

TEST_CASE("every scalar value is valid and every surrogate is not") {
  bool all = true;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    const std::string text = encoded(c);
    const bool is_surrogate = c >= 0xD800 && c <= 0xDFFF;
    all = all && utf8_sequence_length(text) == (is_surrogate ? 0 : text.size());
  }
  CHECK(all);
  CHECK_FALSE(is_valid_utf8(encoded(0x110000)));
}

TEST_CASE("overlong, cut and stray bytes are not valid") {
  for (const std::string_view text : {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xC3", "\xE2\x82", "\xF0\x9F\x98",
                                      "\x80", "\xBF", "\xFE", "\xFF", "\xF5\x80\x80\x80", "a\xC3(", "\xE2\x28\xA1"}) {
    CHECK_FALSE(is_valid_utf8(text));
  }
  CHECK(is_valid_utf8(""));
  CHECK(is_valid_utf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"));
}

TEST_CASE("code points are counted, not bytes") {
  CHECK(count_code_points("") == 0);
  CHECK(count_code_points("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80") == 4);
}

TEST_CASE("a prefix never cuts a character") {
  const std::string_view text = "a\xC3\xA4\xE2\x82\xAC";  // 1 + 2 + 3 bytes
  CHECK(utf8_prefix(text, 0).empty());
  CHECK(utf8_prefix(text, 1).size() == 1);
  CHECK(utf8_prefix(text, 2).size() == 1);
  CHECK(utf8_prefix(text, 3).size() == 3);
  CHECK(utf8_prefix(text, 5).size() == 3);
  CHECK(utf8_prefix(text, 6).size() == 6);
  CHECK(utf8_prefix(text, 99).size() == 6);
}

TEST_CASE("trimming cuts every Unicode space at the ends and nothing inside") {
  CHECK(trim(" \t\r\n\v\f") == "");
  CHECK(trim("") == "");
  CHECK(trim(" a b ") == "a b");
  for (const char32_t space :
       {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0xA0, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF}) {
    CHECK(trim(encoded(space) + "\xC3\xA4" + encoded(space)) == "\xC3\xA4");
  }
  for (const char32_t letter : {0x08, 0x0E, 0x85, 0x200B, 0x180E, 0x1F600}) {
    CHECK(trim(encoded(letter)) == encoded(letter));
  }
}

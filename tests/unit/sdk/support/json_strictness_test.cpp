// What the scanner refuses and what it keeps, one row per rule.
#include <catch2/catch.hpp>

#include <string>

#include "driftstack/support/json.hpp"
#include "read_text.hpp"
#include "sample_shapes.hpp"

namespace {

namespace wire = driftstack::wire;

// The compact text, or "refused".
std::string parsed(std::string_view text) {
  const auto json = wire::Json::parse(text);
  return json ? json->text() : "refused";
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string numbers(std::size_t count) {
  std::string text = "[0";
  for (std::size_t i = 1; i < count; ++i) text += ",0";
  return text + "]";
}

struct Row {
  std::string text, want;
};

}  // namespace

TEST_CASE("strict JSON is accepted and compacted, anything else is refused") {
  const auto row = GENERATE(values<Row>({
      {"null", "null"},
      {" \t\r\n true ", "true"},
      {"false", "false"},
      {"nul", "refused"},
      {"True", "refused"},
      {"", "refused"},
      {"  ", "refused"},
      {"{}", "{}"},
      {"[ ]", "[]"},
      {R"({"a" : [1, {"b":2}] })", R"({"a":[1,{"b":2}]})"},
      {"[1,]", "refused"},
      {"[,1]", "refused"},
      {"[1 2]", "refused"},
      {"{\"a\":1,}", "refused"},
      {"{\"a\" 1}", "refused"},
      {"{a:1}", "refused"},
      {"{\"a\":}", "refused"},
      {"[", "refused"},
      {"{\"a\":1", "refused"},
      {"[1]]", "refused"},
      {"{} x", "refused"},
      {"1 1", "refused"},
      {"\xEF\xBB\xBF{}", "refused"},  // byte order mark
      {"// x\n1", "refused"},
      {"'a'", "refused"},
      {"NaN", "refused"},
      {"Infinity", "refused"},
      // numbers
      {"0", "0"},
      {"-0", "-0"},
      {"1.50", "1.50"},
      {"1E+2", "1E+2"},
      {"01", "refused"},
      {"-", "refused"},
      {"+1", "refused"},
      {".5", "refused"},
      {"1.", "refused"},
      {"1.e2", "refused"},
      {"1e", "refused"},
      {"1e+", "refused"},
      {"0x10", "refused"},
      {"1e308", "1e308"},
      {"1e309", "refused"},
      {"-1e309", "refused"},
      {"1e999", "refused"},
      {"1e-999", "1e-999"},
      {"0e999", "0e999"},
      {"1e99999999999999999999", "refused"},
      {std::string(64, '9'), std::string(64, '9')},
      {std::string(65, '9'), "refused"},
      // strings
      {R"("\u0041\n\/\\\"\b\f\r\t")", R"("A\n/\\\"\b\f\r\t")"},
      {R"("\ud83d\ude00")", "\"\xF0\x9F\x98\x80\""},
      {R"("\uD83D\uDE00")", "\"\xF0\x9F\x98\x80\""},
      {"\"\xF0\x9F\x98\x80\"", "\"\xF0\x9F\x98\x80\""},
      {R"("\u001f")", R"("\u001f")"},
      {R"("\u0000")", "refused"},
      {R"("\ud83d")", "refused"},
      {R"("\ude00")", "refused"},
      {R"("\ud83d\u0041")", "refused"},
      {R"("\ud83dx")", "refused"},
      {R"("\u00g0")", "refused"},
      {R"("\u12")", "refused"},
      {R"("\x41")", "refused"},
      {"\"\\", "refused"},
      {"\"a", "refused"},
      {"\"a\nb\"", "refused"},
      {std::string("\"a\0b\"", 5), "refused"},
      {"\"\xC0\x80\"", "refused"},          // overlong
      {"\"\xE0\x80\x80\"", "refused"},      // overlong
      {"\"\xED\xA0\x80\"", "refused"},      // surrogate
      {"\"\xF4\x90\x80\x80\"", "refused"},  // above U+10FFFF
      {"\"\xC3\"", "refused"},              // cut
      {"\"\xFF\"", "refused"},
      {"\"\x7F\"", "\"\x7F\""},
      // keys
      {R"({"a":1,"b":1})", R"({"a":1,"b":1})"},
      {R"({"a":1,"a":1})", "refused"},
      {R"({"a":1,"\u0061":1})", "refused"},
      {R"({"":1,"":1})", "refused"},
      {R"({"a":{"a":1}})", R"({"a":{"a":1}})"},
  }));
  INFO(row.text);
  CHECK(parsed(row.text) == row.want);
}

TEST_CASE("duplicate keys are found in objects of any size") {
  for (const std::size_t keys : {2U, 11U, 12U, 13U, 14U, 100U}) {
    std::string text = "{";
    for (std::size_t i = 0; i < keys; ++i) text += "\"k" + std::to_string(i) + "\":[{\"x\":1}],";
    INFO(keys);
    CHECK(parsed(text + "\"last\":1}") != "refused");
    CHECK(parsed(text + "\"k0\":1}") == "refused");
  }
}

TEST_CASE("nesting is allowed to depth 64 and no deeper") {
  CHECK(parsed(nested(64)) == nested(64));
  CHECK(parsed(nested(65)) == "refused");
  CHECK(parsed(nested(1'000'000)) == "refused");
}

TEST_CASE("a document holds at most 100000 keys and values") {
  CHECK(parsed(numbers(99'999)) != "refused");
  CHECK(parsed(numbers(100'000)) == "refused");
}

TEST_CASE("long strings are scanned alike wherever the odd byte stands") {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'a');
    text[at] = '\x1f';
    CHECK(parsed("\"" + text + "\"") == "refused");
    text[at] = '\xFF';
    CHECK(parsed("\"" + text + "\"") == "refused");
    text[at] = '"';
    CHECK(parsed("\"" + text + "\"") == "refused");
    CHECK(parsed("\"" + text.substr(0, at + 1)) == "\"" + text.substr(0, at + 1));
    text.replace(at, 1, "\xC3\xA4\\n");
    CHECK(parsed("\"" + text + "\"") == "\"" + text + "\"");
  }
}

TEST_CASE("the message of a refused body says what is wrong") {
  const auto message = [](std::string_view body) {
    wire::Issues issues;
    samples::Tap value;
    CHECK(wire::read(body, value, issues) == wire::Outcome::not_json);
    return issues.summary();
  };
  CHECK(message("") == "is not valid JSON: the text is empty (byte 0)");
  CHECK(message("{\"a\":\"\\ud83d\"}") == "is not valid JSON: a string holds half of a surrogate pair (byte 6)");
  CHECK(message("\"\xFF\"") == "is not valid JSON: a string is not valid UTF-8 (byte 1)");
  CHECK(message("\"\\u0000\"") == "is not valid JSON: a string holds U+0000 (byte 1)");
  CHECK(message(nested(65)) == "is not valid JSON: the nesting is deeper than 64 (byte 64)");
  CHECK(message("1e999") == "is not valid JSON: a number is too long or too large (byte 5)");
  CHECK(message("[1}") == "is not valid JSON: a value, comma, colon or bracket is missing or misplaced (byte 2)");
  CHECK(message("{} {}") == "is not valid JSON: there are bytes after the value (byte 3)");
  CHECK(message("\"a\tb\"") == "is not valid JSON: a string holds a control character that is not escaped (byte 2)");
  CHECK(message("\"\\q\"") == "is not valid JSON: a string holds an unknown escape (byte 1)");
  CHECK(message("[-]") == "is not valid JSON: a number is malformed (byte 2)");
  CHECK(message(numbers(100'000)).find("there are more than 100000 keys and values") != std::string::npos);
}

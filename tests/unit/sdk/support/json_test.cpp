// Raw JSON values: the view, look-ups and conversions, and the string escaper.
#include <catch2/catch.hpp>

#include "driftstack/support/json.hpp"

using driftstack::wire::Json;
using driftstack::wire::JsonKind;
using driftstack::wire::JsonView;

namespace {

Json json(std::string_view text) {
  const auto parsed = Json::parse(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

}  // namespace

TEST_CASE("a raw value knows its kind") {
  CHECK(Json().is_null());
  CHECK(json("{}").is_object());
  CHECK(json("[]").is_array());
  CHECK(json("\"\"").kind() == JsonKind::string);
  CHECK(json("-1").kind() == JsonKind::number);
  CHECK(json("true").kind() == JsonKind::boolean);
  CHECK(json("false").kind() == JsonKind::boolean);
}

TEST_CASE("members are found by their decoded key, behind nested values and tricky strings") {
  const Json value = json(R"({"a":{"x":"}]\"\\"},"b":["{",1],"k\u00e4se\n":"found","":7,"last":-2.5})");
  CHECK(value.view().find("a")->text() == R"({"x":"}]\"\\"})");
  CHECK(value.view().find("b")->elements().size() == 2);
  CHECK(value.view().find("käse\n")->as_text() == "found");
  CHECK(value.view().find("")->as_int() == 7);
  CHECK(value.view().find("last")->as_double() == -2.5);
  CHECK_FALSE(value.view().find("x").has_value());
  CHECK_FALSE(json("[1]").view().find("a").has_value());
}

TEST_CASE("members and elements come in order, with decoded keys") {
  const Json value = json(R"({"b":1,"a\t":[true,null,"x"],"c":{}})");
  const auto members = value.view().members();
  REQUIRE(members.size() == 3);
  CHECK(members[0].key == "b");
  CHECK(members[1].key == "a\t");
  CHECK(members[2].value.is_object());
  const auto elements = members[1].value.elements();
  REQUIRE(elements.size() == 3);
  CHECK(elements[0].as_bool() == true);
  CHECK(elements[1].is_null());
  CHECK(elements[2].as_text() == "x");
  CHECK(json("{}").view().members().empty());
  CHECK(json("[]").view().elements().empty());
  CHECK(json("{}").view().elements().empty());
}

TEST_CASE("conversions answer nothing for another kind") {
  CHECK_FALSE(json("1").view().as_text().has_value());
  CHECK_FALSE(json("\"1\"").view().as_int().has_value());
  CHECK_FALSE(json("1.5").view().as_int().has_value());
  CHECK_FALSE(json("9223372036854775808").view().as_int().has_value());
  CHECK(json("1e3").view().as_int() == 1000);
  CHECK_FALSE(json("null").view().as_bool().has_value());
  CHECK_FALSE(json("null").view().as_double().has_value());
  CHECK(json("-12345678901234568890").view().as_double() == -12345678901234568890.0);
}

TEST_CASE("numbers keep the spelling that was received") { CHECK(json("[1.0, 1E2, -0.00]").text() == "[1.0,1E2,-0.00]"); }

TEST_CASE("a JSON string of any text reads back as that text") {
  std::string all;
  for (char c = 1; c < 127; ++c) all += c;
  all += "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
  CHECK(Json::of_text(all).view().as_text() == all);
  CHECK(json(Json::of_text(all).text()) == Json::of_text(all));
}

TEST_CASE("bytes that are no UTF-8 are replaced one by one") {
  CHECK(Json::of_text("\x80\xC3(").text() == "\"\xEF\xBF\xBD\xEF\xBF\xBD(\"");
}

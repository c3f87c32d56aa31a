// The presence table of the described shapes: what absent, null and a value do, row by row.
#include <catch2/catch.hpp>

#include "read_text.hpp"

namespace {

namespace wire = driftstack::wire;

struct Required {
  std::int32_t x = 7;
  static constexpr auto shape = wire::object(wire::field<&Required::x>("x"));
};
struct Defaulted {
  std::int32_t x = 7;
  static constexpr auto shape = wire::object(wire::field<&Defaulted::x>("x", wire::defaulted));
};
struct Optional {
  std::optional<std::int32_t> x;
  static constexpr auto shape = wire::object(wire::field<&Optional::x>("x"));
};
struct Nullable {
  std::optional<std::int32_t> x;
  static constexpr auto shape = wire::object(wire::field<&Nullable::x>("x", wire::nullable));
};
struct NullableOrAbsent {
  std::optional<std::int32_t> x = 5;
  static constexpr auto shape = wire::object(wire::field<&NullableOrAbsent::x>("x", wire::nullable_or_absent));
};
struct ThreeValued {
  std::optional<std::optional<std::int32_t>> x;
  static constexpr auto shape = wire::object(wire::field<&ThreeValued::x>("x"));
};
struct RawJson {
  wire::Json x;
  static constexpr auto shape = wire::object(wire::field<&RawJson::x>("x"));
};
struct OptionalJson {
  std::optional<wire::Json> x;
  static constexpr auto shape = wire::object(wire::field<&OptionalJson::x>("x"));
};

using samples::round_trip;

}  // namespace

TEST_CASE("a required member must be there and must not be null") {
  CHECK(round_trip<Required>(R"({"x":1})") == R"({"x":1})");
  CHECK(round_trip<Required>("{}") == "x: required");
  CHECK(round_trip<Required>(R"({"x":null})") == "x: null");
}

TEST_CASE("a defaulted member keeps its initialiser when absent and is always written") {
  CHECK(round_trip<Defaulted>(R"({"x":1})") == R"({"x":1})");
  CHECK(round_trip<Defaulted>("{}") == R"({"x":7})");
  CHECK(round_trip<Defaulted>(R"({"x":null})") == "x: null");
}

TEST_CASE("an optional member may be absent, refuses null and is left out when empty") {
  CHECK(round_trip<Optional>(R"({"x":1})") == R"({"x":1})");
  CHECK(round_trip<Optional>("{}") == "{}");
  CHECK(round_trip<Optional>(R"({"x":null})") == "x: null");
}

TEST_CASE("a nullable member must be there and keeps null") {
  CHECK(round_trip<Nullable>(R"({"x":1})") == R"({"x":1})");
  CHECK(round_trip<Nullable>("{}") == "x: required");
  CHECK(round_trip<Nullable>(R"({"x":null})") == R"({"x":null})");
}

TEST_CASE("a member that is nullable or absent keeps its initialiser when absent, is emptied by null and writes null") {
  CHECK(round_trip<NullableOrAbsent>(R"({"x":1})") == R"({"x":1})");
  CHECK(round_trip<NullableOrAbsent>("{}") == R"({"x":5})");
  CHECK(round_trip<NullableOrAbsent>(R"({"x":null})") == R"({"x":null})");
}

TEST_CASE("an optional of an optional tells absent, null and a value apart") {
  CHECK(round_trip<ThreeValued>(R"({"x":1})") == R"({"x":1})");
  CHECK(round_trip<ThreeValued>("{}") == "{}");
  CHECK(round_trip<ThreeValued>(R"({"x":null})") == R"({"x":null})");

  ThreeValued held;
  held.x = std::optional<std::int32_t>(3);
  wire::Issues issues;
  REQUIRE(wire::read(R"({"x":null})", held, issues) == wire::Outcome::ok);
  CHECK(held.x.has_value());
  CHECK_FALSE(held.x->has_value());
}

TEST_CASE("raw JSON takes null as a value, optional raw JSON does not") {
  CHECK(round_trip<RawJson>(R"({"x":null})") == R"({"x":null})");
  CHECK(round_trip<RawJson>("{}") == "x: required");
  CHECK(round_trip<OptionalJson>(R"({"x":null})") == "x: null");
  CHECK(round_trip<OptionalJson>("{}") == "{}");
}

TEST_CASE("the schema says the same about presence as the reader") {
  const std::string integer = R"("type":"integer","format":"int32")";
  const auto object = [&](const std::string& x, const std::string& rest) {
    return R"({"type":"object","properties":{"x":{)" + x + "}}" + rest + "}";
  };
  const std::string nullable = R"("type":["integer","null"],"format":"int32")";
  const std::string required = R"(,"required":["x"])";
  CHECK(wire::schema<Required>() == object(integer, required));
  CHECK(wire::schema<Defaulted>() == object(integer + R"(,"default":7)", ""));
  CHECK(wire::schema<Optional>() == object(integer, ""));
  CHECK(wire::schema<Nullable>() == object(nullable, required));
  CHECK(wire::schema<NullableOrAbsent>() == object(nullable + R"(,"default":5)", ""));
  CHECK(wire::schema<ThreeValued>() == object(nullable, ""));
}

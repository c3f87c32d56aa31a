// The published text: valid JSON, and each rule under the name that JSON Schema has for it.
#include <catch2/catch.hpp>

#include <map>

#include "driftstack/support/json.hpp"
#include "read_text.hpp"
#include "sample_shapes.hpp"

namespace {

namespace wire = driftstack::wire;

// The schema of one property.
template <class T>
std::string property(std::string_view name) {
  const auto schema = wire::Json::parse(wire::schema<T>());
  REQUIRE(schema.has_value());
  const auto found = schema->view().find("properties")->find(name);
  REQUIRE(found.has_value());
  return std::string(found->text());
}

struct Kinds {
  std::uint8_t tiny = 3;
  std::uint32_t wide = 0;
  std::int64_t longest = 0;
  double rate = 0.5;
  wire::Json any;
  wire::Bytes bytes;
  driftstack::SecretText password;
  std::string code;
  driftstack::Uuid uuid;
  std::map<std::string, std::int32_t> counts;
  std::optional<samples::Behaviour> mood;
  std::optional<std::variant<samples::Tap, samples::Scroll>> action;
  std::vector<std::string> tags{"a"};
  static constexpr auto shape =
      wire::object(wire::field<&Kinds::tiny>("tiny", wire::defaulted), wire::field<&Kinds::wide>("wide"),
                   wire::field<&Kinds::longest>("longest", wire::min(-5), wire::max(1'000'000'000'000)),
                   wire::field<&Kinds::rate>("rate", wire::min(0.01), wire::max(100)),
                   wire::field<&Kinds::any>("any", wire::doc("Anything.")), wire::field<&Kinds::bytes>("bytes", wire::max_length(10)),
                   wire::field<&Kinds::password>("password", wire::length(8, 72)),
                   wire::field<&Kinds::code>("code", wire::secret, wire::defaulted, wire::matches(driftstack::kSixDigitsPattern)),
                   wire::field<&Kinds::uuid>("uuid"),
                   wire::field<&Kinds::counts>("counts", wire::max_items(9), wire::keys(wire::length(1, 40)), wire::items(wire::min(0))),
                   wire::field<&Kinds::mood>("mood", wire::nullable), wire::field<&Kinds::action>("action", wire::nullable),
                   wire::field<&Kinds::tags>("tags", wire::defaulted, wire::unique, wire::items(wire::length(1, 24))))
          .strict()
          .doc("One of each.");
};

struct Empty {
  static constexpr auto shape = wire::object();
};

}  // namespace

TEST_CASE("each kind and rule is published under its JSON Schema name") {
  CHECK(property<Kinds>("tiny") == R"({"type":"integer","format":"int32","minimum":0,"maximum":255,"default":3})");
  CHECK(property<Kinds>("wide") == R"({"type":"integer","format":"int64","minimum":0,"maximum":4294967295})");
  CHECK(property<Kinds>("longest") == R"({"type":"integer","format":"int64","minimum":-5,"maximum":1000000000000})");
  CHECK(property<Kinds>("rate") == R"({"type":"number","minimum":0.01,"maximum":100})");
  CHECK(property<Kinds>("any") == R"({"description":"Anything."})");
  CHECK(property<Kinds>("bytes") == R"({"type":"string","contentEncoding":"base64"})");
  CHECK(property<Kinds>("password") == R"({"type":"string","format":"password","minLength":8,"maxLength":72,"writeOnly":true})");
  CHECK(property<Kinds>("code") == R"({"type":"string","pattern":"^[0-9]{6}$","writeOnly":true})");
  CHECK(property<Kinds>("uuid") == R"({"type":"string","format":"uuid"})");
  CHECK(property<Kinds>("counts") == R"({"type":"object","maxProperties":9,"propertyNames":{"minLength":1,"maxLength":40},)"
                                     R"("additionalProperties":{"type":"integer","format":"int32","minimum":0}})");
  CHECK(property<Kinds>("mood") == R"({"type":["string","null"],"enum":["casual","regular","power_user",null]})");
  CHECK(property<Kinds>("action") ==
        R"({"oneOf":[{"type":"object","properties":{"kind":{"type":"string","const":"tap"},"selector":{"type":"string","minLength":1}},)"
        R"("required":["kind","selector"]},{"type":"object","properties":{"kind":{"type":"string","const":"scroll"},)"
        R"("selector":{"type":"string","minLength":1},"delta_x":{"type":"integer","format":"int32","default":0},)"
        R"("delta_y":{"type":"integer","format":"int32","default":0}},"required":["kind"]},{"type":"null"}]})");
  CHECK(property<Kinds>("tags") ==
        R"({"type":"array","uniqueItems":true,"items":{"type":"string","minLength":1,"maxLength":24},"default":["a"]})");
}

TEST_CASE("a shape names its required keys, its strictness and its sentence") {
  const auto schema = *wire::Json::parse(wire::schema<Kinds>());
  CHECK(schema.view().find("description")->as_text() == "One of each.");
  CHECK(schema.view().find("additionalProperties")->as_bool() == false);
  CHECK(schema.view().find("required")->text() == R"(["wide","longest","rate","any","bytes","password","uuid","counts","mood","action"])");
  CHECK_FALSE(wire::Json::parse(wire::schema<samples::SessionCreate>())->view().find("additionalProperties").has_value());
}

TEST_CASE("the pattern of a public id is published with its prefix") {
  CHECK(property<samples::Session>("id") ==
        R"({"type":"string","format":"public-id","pattern":"^ses_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"})");
}

TEST_CASE("a raw JSON member that may be null and must be an object says both") {
  CHECK(property<samples::SessionCreate>("metadata") == R"({"type":"object"})");
  CHECK(property<samples::Session>("metadata") == "{}");
}

TEST_CASE("a shape without members is an object") {
  CHECK(wire::schema<Empty>() == R"({"type":"object","properties":{}})");
  CHECK(samples::round_trip<Empty>(R"({"a":1})") == "{}");
}

TEST_CASE("every published default reads back as what the struct starts with") {
  const samples::SessionCreate fresh;
  samples::SessionCreate read;
  CHECK(samples::outcome_of<samples::SessionCreate&>(R"({"behavioral_profile":"regular"})", read) == "ok");
  CHECK(wire::to_text(read) == wire::to_text(fresh));
  CHECK(property<samples::SessionCreate>("behavioral_profile") ==
        R"({"type":"string","enum":["casual","regular","power_user"],"default":"regular"})");
}

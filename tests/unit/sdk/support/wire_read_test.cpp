// Reading: each kind and each rule with the value that passes and the one that does not.
#include <catch2/catch.hpp>

#include <map>

#include "read_text.hpp"
#include "sample_shapes.hpp"

namespace {

namespace wire = driftstack::wire;
using samples::outcome_of;
using samples::round_trip;

template <class V>
struct One {
  V v{};
  static constexpr auto shape = wire::object(wire::field<&One::v>("v"));
};

template <class V>
std::string read_one(std::string_view json) {
  return round_trip<One<V>>("{\"v\":" + std::string(json) + "}");
}
std::string wrapped(std::string_view json) { return "{\"v\":" + std::string(json) + "}"; }

struct Ruled {
  std::optional<std::string> text, trimmed, slug;
  std::optional<std::int32_t> number;
  std::optional<double> fraction;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::map<std::string, std::int32_t>> counts;
  std::optional<wire::Json> raw;
  std::optional<wire::Bytes> bytes;
  std::optional<driftstack::SecretText> secret;
  std::optional<samples::SessionId> id;
  static constexpr auto shape = wire::object(
      wire::field<&Ruled::text>("text", wire::length(2, 4)), wire::field<&Ruled::trimmed>("trimmed", wire::trimmed, wire::length(1, 3)),
      wire::field<&Ruled::slug>("slug", wire::matches(driftstack::kSlugPattern)),
      wire::field<&Ruled::number>("number", wire::min(-5), wire::max(5)),
      wire::field<&Ruled::fraction>("fraction", wire::min(0.01), wire::max(100)),
      wire::field<&Ruled::tags>("tags", wire::min_items(1), wire::max_items(3), wire::unique,
                                wire::items(wire::trimmed, wire::length(1, 2))),
      wire::field<&Ruled::counts>("counts", wire::max_items(2), wire::keys(wire::max_length(2)), wire::items(wire::max(9))),
      wire::field<&Ruled::raw>("raw", wire::json_object, wire::max_length(10)), wire::field<&Ruled::bytes>("bytes", wire::length(1, 3)),
      wire::field<&Ruled::secret>("secret", wire::length(8, 12)), wire::field<&Ruled::id>("id"));
};

struct Row {
  std::string body, want;
};

}  // namespace

TEST_CASE("integers of every width are read up to their bounds and refused beyond") {
  CHECK(read_one<std::int8_t>("-128") == wrapped("-128"));
  CHECK(read_one<std::int8_t>("-129") == "v: too_small");
  CHECK(read_one<std::int8_t>("127") == wrapped("127"));
  CHECK(read_one<std::int8_t>("128") == "v: too_big");
  CHECK(read_one<std::uint8_t>("255") == wrapped("255"));
  CHECK(read_one<std::uint8_t>("256") == "v: too_big");
  CHECK(read_one<std::uint8_t>("-1") == "v: too_small");
  CHECK(read_one<std::uint8_t>("-0") == wrapped("0"));
  CHECK(read_one<std::int16_t>("-32768") == wrapped("-32768"));
  CHECK(read_one<std::int16_t>("32768") == "v: too_big");
  CHECK(read_one<std::uint16_t>("65536") == "v: too_big");
  CHECK(read_one<std::int32_t>("-2147483648") == wrapped("-2147483648"));
  CHECK(read_one<std::int32_t>("2147483648") == "v: too_big");
  CHECK(read_one<std::uint32_t>("4294967295") == wrapped("4294967295"));
  CHECK(read_one<std::int64_t>("9223372036854775807") == wrapped("9223372036854775807"));
  CHECK(read_one<std::int64_t>("9223372036854775808") == "v: too_big");
  CHECK(read_one<std::int64_t>("-9223372036854775808") == wrapped("-9223372036854775808"));
  CHECK(read_one<std::int64_t>("-9223372036854775809") == "v: too_small");
  CHECK(read_one<std::uint64_t>("18446744073709551615") == wrapped("18446744073709551615"));
  CHECK(read_one<std::uint64_t>("18446744073709551616") == "v: too_big");
}

TEST_CASE("a number without a fractional part is an integer however it is spelled") {
  CHECK(read_one<std::int32_t>("1.0") == wrapped("1"));
  CHECK(read_one<std::int32_t>("-1.2e1") == wrapped("-12"));
  CHECK(read_one<std::int32_t>("1200e-2") == wrapped("12"));
  CHECK(read_one<std::int32_t>("0e5") == wrapped("0"));
  CHECK(read_one<std::int64_t>("9.223372036854775807e18") == wrapped("9223372036854775807"));
  CHECK(read_one<std::int64_t>("9.223372036854775808e18") == "v: too_big");
  CHECK(read_one<std::uint64_t>("1e19") == wrapped("10000000000000000000"));
  CHECK(read_one<std::int64_t>("1e300") == "v: too_big");
  CHECK(read_one<std::int32_t>("1.5") == "v: type");
  CHECK(read_one<std::int32_t>("1e-1") == "v: type");
  CHECK(read_one<std::int32_t>("1.00000000000000000000000000000000001") == "v: type");
}

TEST_CASE("each kind refuses the JSON types of the others") {
  CHECK(read_one<bool>("true") == wrapped("true"));
  CHECK(read_one<bool>("1") == "v: type");
  CHECK(read_one<std::int32_t>("\"1\"") == "v: type");
  CHECK(read_one<double>("2") == wrapped("2"));
  CHECK(read_one<double>("1e-400") == wrapped("0"));
  CHECK(read_one<double>("\"2\"") == "v: type");
  CHECK(read_one<std::string>("\"a\"") == wrapped("\"a\""));
  CHECK(read_one<std::string>("1") == "v: type");
  CHECK(read_one<samples::Behaviour>("\"casual\"") == wrapped("\"casual\""));
  CHECK(read_one<samples::Behaviour>("\"Casual\"") == "v: enum");
  CHECK(read_one<samples::Behaviour>("0") == "v: type");
  CHECK(read_one<std::vector<std::int32_t>>("[1,2]") == wrapped("[1,2]"));
  CHECK(read_one<std::vector<std::int32_t>>("[1,\"2\",null]") == "v[1]: type; v[2]: null");
  CHECK(read_one<std::vector<std::int32_t>>("{}") == "v: type");
  CHECK(read_one<std::map<std::string, bool>>(R"({"b":true,"a":false})") == wrapped(R"({"a":false,"b":true})"));
  CHECK(read_one<std::map<std::string, bool>>(R"({"b":1})") == "v.b: type");
  CHECK(read_one<std::map<std::string, bool>>("[]") == "v: type");
  CHECK(read_one<samples::Tap>("[]") == "v: type");
  CHECK(read_one<wire::Bytes>("\"AQI=\"") == wrapped("\"AQI=\""));
  CHECK(read_one<wire::Bytes>("\"AQI\"") == "v: format");
  CHECK(read_one<samples::Timestamp>("\"2026-05-09T22:30:00+02:00\"") == wrapped("\"2026-05-09T20:30:00.000Z\""));
  CHECK(read_one<samples::Timestamp>("\"yesterday\"") == "v: format");
  CHECK(read_one<wire::Json>(R"([ 1.50 , "\u0041\/" , {"a" : null} ])") == wrapped(R"([1.50,"A/",{"a":null}])"));
}

TEST_CASE("the document itself must be of the shape's type") {
  CHECK(outcome_of<samples::Tap>("[]") == ": type");
  CHECK(outcome_of<samples::Tap>("null") == ": null");
  CHECK(outcome_of<samples::Tap>("") == "not_json");
  CHECK(round_trip<std::vector<std::int32_t>>("[3]") == "[3]");
}

TEST_CASE("every rule passes what is inside and names what is outside") {
  const auto row = GENERATE(values<Row>({
      {R"({"text":"ab"})", "ok"},
      {R"({"text":"a"})", "text: too_short"},
      {R"({"text":"abcd"})", "ok"},
      {R"({"text":"abcde"})", "text: too_long"},
      {R"({"text":"äöüß"})", "ok"},                      // four characters, eight bytes
      {R"({"text":"\ud83d\ude00\ud83d\ude00"})", "ok"},  // two characters beyond the basic plane
      {R"({"text":"\ud83d\ude00"})", "text: too_short"},
      {R"({"trimmed":"  abc \n"})", "ok"},
      {R"({"trimmed":"   "})", "trimmed: too_short"},
      {R"({"slug":"a_1"})", "ok"},
      {R"({"slug":"A"})", "slug: pattern"},
      {R"({"slug":""})", "slug: pattern"},
      {R"({"number":-5})", "ok"},
      {R"({"number":-6})", "number: too_small"},
      {R"({"number":6})", "number: too_big"},
      {R"({"fraction":0.01})", "ok"},
      {R"({"fraction":0.009})", "fraction: too_small"},
      {R"({"fraction":100.5})", "fraction: too_big"},
      {R"({"tags":["a"," b "]})", "ok"},
      {R"({"tags":[]})", "tags: too_few"},
      {R"({"tags":["a","b","c","d"]})", "tags: too_many"},
      {R"({"tags":["abc",""]})", "tags[0]: too_long; tags[1]: too_short"},
      {R"({"tags":["a","b","a "]})", "tags[2]: duplicate_item"},
      {R"({"counts":{"a":9}})", "ok"},
      {R"({"counts":{"abc":1,"b":10}})", "counts.abc: too_long; counts.b: too_big"},
      {R"({"counts":{"a":1,"b":1,"c":1}})", "counts: too_many"},
      {R"({"raw":{"a" : "äö"}})", "raw: too_long"},  // 12 bytes of compact text, 10 characters
      {R"({"raw":{"a"   :  "ä"}})", "ok"},           // white space does not count
      {R"({"raw":[]})", "raw: type"},
      {R"({"bytes":"AQID"})", "ok"},
      {R"({"bytes":"AQIDBA=="})", "bytes: too_long"},
      {R"({"bytes":""})", "bytes: too_short"},
      {R"({"secret":"12345678"})", "ok"},
      {R"({"secret":"1234567"})", "secret: too_short"},
      {R"({"id":"ses_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11"})", "ok"},
      {R"({"id":"acc_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11"})", "id: format"},
  }));
  INFO(row.body);
  CHECK(outcome_of<Ruled>(row.body) == row.want);
}

TEST_CASE("unknown keys are ignored unless the shape is strict") {
  CHECK(outcome_of<samples::SessionCreate>(R"({"record":true,"nested":{"a":[1]},"label":"x"})") == "ok");
  CHECK(outcome_of<samples::ProxyUpdate>(R"({"record":true,"port":1})") == "record: unknown_key");
  CHECK(outcome_of<samples::ProxyUpdate>(R"({"port":1})") == "ok");
}

TEST_CASE("the alternative of a choice is found wherever its tag stands") {
  CHECK(round_trip<samples::Interact>(R"({"action":{"kind":"tap","selector":"a"}})") ==
        R"({"action":{"kind":"tap","selector":"a"},"timeout_ms":30000})");
  CHECK(round_trip<samples::Interact>(R"({"action":{"delta_y":-3,"kind":"scroll"},"timeout_ms":100})") ==
        R"({"action":{"kind":"scroll","delta_x":0,"delta_y":-3},"timeout_ms":100})");
  CHECK(outcome_of<samples::Interact>(R"({"action":{"kind":"click"}})") == "action.kind: enum");
  CHECK(outcome_of<samples::Interact>(R"({"action":{"selector":"a"}})") == "action.kind: required");
  CHECK(outcome_of<samples::Interact>(R"({"action":{"kind":1}})") == "action.kind: type");
  CHECK(outcome_of<samples::Interact>(R"({"action":"tap"})") == "action: type");
  CHECK(outcome_of<samples::Interact>(R"({"action":{"kind":"type","selector":"a"}})") == "action.text: required");
}

TEST_CASE("rules across fields run for each object that read clean, with paths from the document") {
  CHECK(outcome_of<samples::Extract>(R"({"extractions":[{"name":"a","selector":"b","type":"attribute","attribute":"href"}]})") == "ok");
  CHECK(outcome_of<samples::Extract>(R"({"extractions":[{"name":"a","selector":"b","type":"text"},
                                                         {"name":"a","selector":"b","type":"attribute"}]})") ==
        "extractions[1].attribute: required");
  // The second item has an issue of its own, so its rule does not run.
  CHECK(outcome_of<samples::Extract>(R"({"extractions":[{"name":"","selector":"b","type":"attribute"}]})") ==
        "extractions[0].name: too_short");
}

TEST_CASE("every mistake of a body is reported, in the order of the document, missing keys last") {
  CHECK(outcome_of<samples::Extract>(
            R"({"extractions":[{"type":"x","name":3},{"extract":{"a":{"type":"text","selector":""}},"type":"list"}]})") ==
        "extractions[0].type: enum; extractions[0].name: type; extractions[0].selector: required; "
        "extractions[1].extract.a.selector: too_short; extractions[1].name: required; extractions[1].selector: required");
}

TEST_CASE("a list that is read replaces what the member held") {
  One<std::vector<std::int32_t>> held;
  held.v = {1, 2, 3};
  CHECK(samples::outcome_of<One<std::vector<std::int32_t>>&>(R"({"v":[9]})", held) == "ok");
  CHECK(held.v == std::vector<std::int32_t>{9});
}

TEST_CASE("no more than fifty issues are collected") {
  std::string body = "{\"extractions\":[";
  for (int i = 0; i < 60; ++i) body += i == 0 ? "{}" : ",{}";
  samples::Extract value;
  wire::Issues issues;
  CHECK(wire::read(body + "]}", value, issues) == wire::Outcome::invalid);
  CHECK(issues.size() == 50);
}

TEST_CASE("a message never quotes what was received") {
  const std::string secret = "hunter2hunter2";
  for (const std::string& body : {"{\"secret\":\"" + secret + "\"}", "{\"slug\":\"" + secret + "!\"}", "{\"id\":\"" + secret + "\"}",
                                  "{\"bytes\":\"" + secret + "\"}"}) {
    Ruled value;
    wire::Issues issues;
    CHECK(wire::read(body, value, issues) == wire::Outcome::invalid);
    CHECK(issues.json().find("hunter2") == std::string::npos);
  }
}

TEST_CASE("text that is not JSON wins over issues and says what and where") {
  samples::SessionCreate value;
  wire::Issues issues;
  CHECK(wire::read(R"({"label":3,"label":4})", value, issues) == wire::Outcome::not_json);
  REQUIRE(issues.size() == 1);
  CHECK(issues[0].message == "is not valid JSON: an object holds the same key twice (byte 21)");
}

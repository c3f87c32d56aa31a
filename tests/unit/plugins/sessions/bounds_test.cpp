// Every bound of sessions.md 4.1 to 4.9. An operation on an unknown session answers 404 once its body is fine, so each accepted body is the
// twin of a refused one, and both together show that validation comes before the lookup.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sessions_fixture.hpp"
#include "wire.hpp"

namespace driftstack::sessions::test {
namespace {

const std::string kUnknown = "/v1/sessions/ses_00000000-0000-4000-8000-000000000000/";

struct Bound {
  const char* operation;
  std::string body;
  const char* issue;  ///< path of the first issue; null: the body is fine
};

std::string repeated(std::size_t count) { return std::string(count, 'x'); }

std::string extractions(std::size_t count) {
  std::string body = "{\"extractions\":[";
  for (std::size_t i = 0; i < count; ++i) body += std::string(i == 0 ? "" : ",") + R"({"name":"a","selector":"b","type":"text"})";
  return body + "]}";
}

const std::vector<Bound>& bounds() {
  static const std::vector<Bound> kBounds = {
      {"navigate", R"({"url":"https://example.com/"})", nullptr},
      {"navigate", R"({})", "url"},
      {"navigate", R"({"url":"file:///x"})", "url"},
      {"navigate", R"({"url":"ftp://example.com/"})", "url"},
      {"navigate", R"({"url":"data:text/html,x"})", "url"},
      {"navigate", R"({"url":"https://user:secret@example.com/"})", "url"},
      {"navigate", R"({"url":"https://e.example/","wait_until":"networkidle"})", nullptr},
      {"navigate", R"({"url":"https://e.example/","wait_until":"commit"})", "wait_until"},
      {"navigate", R"({"url":"https://e.example/","timeout_ms":1000})", nullptr},
      {"navigate", R"({"url":"https://e.example/","timeout_ms":999})", "timeout_ms"},
      {"navigate", R"({"url":"https://e.example/","timeout_ms":120000})", nullptr},
      {"navigate", R"({"url":"https://e.example/","timeout_ms":120001})", "timeout_ms"},
      {"interact", R"({"action":{"kind":"tap","selector":"a"}})", nullptr},
      {"interact", R"({"action":{"kind":"tap","selector":""}})", "action.selector"},
      {"interact", R"({"action":{"kind":"tap"}})", "action.selector"},
      {"interact", R"({"action":{"kind":"click","selector":"a"}})", "action.kind"},
      {"interact", R"({"action":{"selector":"a"}})", "action.kind"},
      {"interact", R"({})", "action"},
      {"interact", R"({"action":{"kind":"type","selector":"a","text":""}})", nullptr},
      {"interact", R"({"action":{"kind":"type","selector":"a"}})", "action.text"},
      {"interact", R"({"action":{"kind":"type","selector":"","text":"x"}})", "action.selector"},
      {"interact", R"({"action":{"kind":"type","selector":"a","text":")" + repeated(10000) + R"("}})", nullptr},
      {"interact", R"({"action":{"kind":"type","selector":"a","text":")" + repeated(10001) + R"("}})", "action.text"},
      {"interact", R"({"action":{"kind":"type","selector":"a","text":"x","delay_ms":500}})", nullptr},
      {"interact", R"({"action":{"kind":"type","selector":"a","text":"x","delay_ms":501}})", "action.delay_ms"},
      {"interact", R"({"action":{"kind":"type","selector":"a","text":"x","delay_ms":-1}})", "action.delay_ms"},
      {"interact", R"({"action":{"kind":"scroll"}})", nullptr},
      {"interact", R"({"action":{"kind":"scroll","delta_x":-5,"delta_y":7,"selector":"a"}})", nullptr},
      {"interact", R"({"action":{"kind":"scroll","selector":""}})", "action.selector"},
      {"interact", R"({"action":{"kind":"press","key":"Enter"}})", nullptr},
      {"interact", R"({"action":{"kind":"press","key":""}})", "action.key"},
      {"interact", R"({"action":{"kind":"press","key":")" + repeated(20) + R"("}})", nullptr},
      {"interact", R"({"action":{"kind":"press","key":")" + repeated(21) + R"("}})", "action.key"},
      {"interact", R"({"action":{"kind":"tap","selector":"a"},"timeout_ms":100})", nullptr},
      {"interact", R"({"action":{"kind":"tap","selector":"a"},"timeout_ms":99})", "timeout_ms"},
      {"interact", R"({"action":{"kind":"tap","selector":"a"},"timeout_ms":60000})", nullptr},
      {"interact", R"({"action":{"kind":"tap","selector":"a"},"timeout_ms":60001})", "timeout_ms"},
      {"wait", R"({"condition":{"kind":"selector","selector":"a"}})", nullptr},
      {"wait", R"({"condition":{"kind":"selector","selector":""}})", "condition.selector"},
      {"wait", R"({"condition":{"kind":"selector_hidden","selector":"a"}})", nullptr},
      {"wait", R"({"condition":{"kind":"selector_hidden","selector":""}})", "condition.selector"},
      {"wait", R"({"condition":{"kind":"url_matches","pattern":"a"}})", nullptr},
      {"wait", R"({"condition":{"kind":"url_matches","pattern":""}})", "condition.pattern"},
      {"wait", R"({"condition":{"kind":"time","ms":0}})", nullptr},
      {"wait", R"({"condition":{"kind":"time"}})", "condition.ms"},
      {"wait", R"({"condition":{"kind":"time","ms":60000}})", nullptr},
      {"wait", R"({"condition":{"kind":"time","ms":60001}})", "condition.ms"},
      {"wait", R"({"condition":{"kind":"time","ms":-1}})", "condition.ms"},
      {"wait", R"({"condition":{"kind":"network"}})", "condition.kind"},
      {"wait", R"({"condition":{"kind":"time","ms":1},"timeout_ms":100})", nullptr},
      {"wait", R"({"condition":{"kind":"time","ms":1},"timeout_ms":99})", "timeout_ms"},
      {"wait", R"({"condition":{"kind":"time","ms":1},"timeout_ms":120000})", nullptr},
      {"wait", R"({"condition":{"kind":"time","ms":1},"timeout_ms":120001})", "timeout_ms"},
      {"capture", R"({"kind":"screenshot","full_page":true})", nullptr},
      {"capture", R"({"kind":"dom_snapshot"})", nullptr},
      {"capture", R"({"kind":"pdf","full_page":true})", nullptr},
      {"capture", R"({})", "kind"},
      {"capture", R"({"kind":"webp"})", "kind"},
      {"capture", R"({"kind":"screenshot","full_page":1})", "full_page"},
      {"capture", R"({"kind":"screenshot","frame_match":{"host":"a"}})", "frame_match"},
      {"capture", R"({"kind":"dom_snapshot","frame_match":{"host":"a"}})", nullptr},
      {"capture", R"({"kind":"dom_snapshot","frame_match":{"host":""}})", "frame_match.host"},
      {"capture", R"({"kind":"markdown","frame_match":{"host":"a"}})", "frame_match"},
      {"capture", R"({"kind":"text"})", nullptr},
      {"capture", R"({"kind":"accessibility"})", nullptr},
      {"capture", R"({"kind":"links"})", "kind"},
      {"capture", R"({"kind":"screenshot","format":"jpeg","quality":1})", nullptr},
      {"capture", R"({"kind":"screenshot","format":"jpeg","quality":100})", nullptr},
      {"capture", R"({"kind":"screenshot","format":"jpeg","quality":0})", "quality"},
      {"capture", R"({"kind":"screenshot","format":"jpeg","quality":101})", "quality"},
      {"capture", R"({"kind":"screenshot","quality":80})", "quality"},
      {"capture", R"({"kind":"screenshot","format":"webp"})", "format"},
      {"capture", R"({"kind":"screenshot","selector":"a","device_scale_factor":3})", nullptr},
      {"capture", R"({"kind":"screenshot","selector":""})", "selector"},
      {"capture", R"({"kind":"screenshot","selector":"a","full_page":true})", "selector"},
      {"capture", R"({"kind":"screenshot","device_scale_factor":0.99})", "device_scale_factor"},
      {"capture", R"({"kind":"screenshot","device_scale_factor":3.01})", "device_scale_factor"},
      {"capture", R"({"kind":"pdf","format":"png"})", "format"},
      {"capture", R"({"kind":"pdf","selector":"a"})", "selector"},
      {"capture", R"({"kind":"text","device_scale_factor":1})", "device_scale_factor"},
      {"extract", extractions(1), nullptr},
      {"extract", extractions(100), nullptr},
      {"extract", extractions(0), "extractions"},
      {"extract", extractions(101), "extractions"},
      {"extract", R"({"extractions":[{"name":"","selector":"b","type":"text"}]})", "extractions[0].name"},
      {"extract", R"({"extractions":[{"name":"a","selector":"","type":"text"}]})", "extractions[0].selector"},
      {"extract", R"({"extractions":[{"name":"a","selector":"b","type":"html"}]})", "extractions[0].type"},
      {"extract", R"({"extractions":[{"name":"a","selector":"b","type":"attribute","attribute":"href"}]})", nullptr},
      {"extract", R"({"extractions":[{"name":"a","selector":"b","type":"attribute"}]})", "extractions[0].attribute"},
      {"extract", R"({"extractions":[{"name":"a","selector":"b","type":"text","transform":"number"}]})", nullptr},
      {"extract", R"({"extractions":[{"name":"a","selector":"b","type":"text","transform":"date"}]})", "extractions[0].transform"},
      {"extract", R"({"extractions":[{"name":"a","selector":"b","type":"list","extract":{"h":{"type":"text"}}}]})", nullptr},
      {"extract", R"({"extractions":[{"name":"a","selector":"b","type":"text","extract":{"h":{"type":"text"}}}]})",
       "extractions[0].extract"},
      {"extract", R"({"extractions":[{"name":"a","selector":"b","type":"list","extract":{"h":{"type":"list"}}}]})",
       "extractions[0].extract.h.type"},
      {"extract", R"({"extractions":[{"name":"a","selector":"b","type":"list","extract":{"h":{"type":"attribute"}}}]})",
       "extractions[0].extract.h.attribute"},
  };
  return kBounds;
}

TEST_CASE("every bound of the operations is checked before the session is looked for") {
  SessionsFixture fixture;
  for (const Bound& bound : bounds()) {
    INFO(bound.operation << " " << bound.body.substr(0, 120));
    const auto answer = fixture.post(kUnknown + bound.operation, bound.body);
    REQUIRE_FALSE(answer);
    INFO(answer.error().detail);
    if (bound.issue == nullptr) {
      CHECK(answer.error().code == Errc::not_found);
    } else {
      CHECK(answer.error().code == Errc::validation_failed);
      CHECK(answer.error().detail.find(bound.issue) != std::string::npos);
    }
  }
  CHECK(fixture.browsers.dispatches() == 0);
}

TEST_CASE("a body that is no JSON is a bad request, not a validation failure") {
  SessionsFixture fixture;
  const auto answer = fixture.post(kUnknown + "navigate", "{");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::bad_request);
}

TEST_CASE("the bounds of create: 8192 bytes of metadata and 120 characters of label pass, one more does not") {
  SessionsFixture fixture;
  const auto metadata = [](std::size_t bytes) { return R"({"metadata":{"k":")" + repeated(bytes - 8) + R"("}})"; };  // {"k":""} has 8
  const auto refused = [&](const std::string& body, const char* field) {
    const auto answer = fixture.post("/v1/sessions", body);
    INFO(body.substr(0, 80));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Errc::validation_failed);
    CHECK(answer.error().detail.find(field) != std::string::npos);
    CHECK(answer.error().members.find("\"issues\":[") == 0);
  };
  refused(metadata(8193), "metadata");
  refused(R"({"metadata":[1]})", "metadata");
  refused(R"({"label":")" + repeated(121) + R"("})", "label");
  refused(R"({"archetype":"ab"})", "archetype");
  refused(R"({"archetype":"Fake_Desktop"})", "archetype");
  refused(R"({"archetype":")" + repeated(61) + R"("})", "archetype");
  refused(R"({"archetype":"not_in_the_catalog"})", "archetype");
  refused(R"({"purpose":"test_domain_probe"})", "purpose");
  refused(R"({"purpose":"mine"})", "purpose");
  refused(R"({"behavioral_profile":"robot"})", "behavioral_profile");
  CHECK(fixture.browsers.dispatches() == 0);
  CHECK(fixture.open_sessions() == 0);
  CHECK(fixture.audit.entries().empty());

  const auto id = fixture.create(metadata(8192));
  CHECK(json_member(fixture.record(id).text(), "metadata").size() == 8192);
  fixture.create(R"({"label":")" + repeated(120) + R"(","purpose":"production_customer","behavioral_profile":"casual","record":true})");
}

}  // namespace
}  // namespace driftstack::sessions::test

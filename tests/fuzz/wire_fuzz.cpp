// Everything of the support library that meets text from outside: scanner, shapes, query strings, ids, times, base64 and cursors.
//
// Nothing may crash, and what is accepted must survive a round trip.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/cursor.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/support/page.hpp"
#include "driftstack/support/query.hpp"
#include "driftstack/support/utf8.hpp"
#include "tests/unit/sdk/support/sample_shapes.hpp"

namespace {

namespace wire = driftstack::wire;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

void walk(wire::JsonView value) {
  for (const wire::JsonMember& member : value.members()) {
    require(value.find(member.key).has_value(), "a listed member is found");
    walk(member.value);
  }
  for (const wire::JsonView element : value.elements()) walk(element);
  if (const auto text = value.as_text()) require(wire::Json::of_text(*text).text() == value.text(), "a string has one spelling");
}

void fuzz_json(std::string_view text) {
  const auto json = wire::Json::parse(text);
  if (!json) return;
  require(driftstack::is_valid_utf8(json->text()), "accepted text is UTF-8");
  const auto again = wire::Json::parse(json->text());
  require(again && *again == *json, "compact text reads back as itself");
  walk(json->view());
}

template <class T>
void fuzz_shape(std::string_view text) {
  T value;
  wire::Issues issues;
  const wire::Outcome outcome = wire::read(text, value, issues);
  require((outcome == wire::Outcome::ok) == issues.empty(), "issues and the outcome agree");
  require(outcome != wire::Outcome::not_json || !wire::Json::parse(text), "shapes and raw JSON agree on what JSON is");
  require(wire::Json::parse(issues.json()).has_value(), "issues are JSON");
  if (outcome != wire::Outcome::ok) return;
  const std::string written = wire::to_text(value);
  T back;
  require(wire::read(written, back, issues) == wire::Outcome::ok, "what is written reads back");
  require(wire::to_text(back) == written, "and is written the same");
}

void fuzz_texts(std::string_view text) {
  if (const auto bytes = driftstack::base64_decode(text)) require(driftstack::base64_encode(*bytes) == text, "base64 has one spelling");
  if (const auto bytes = driftstack::base64url_decode(text))
    require(driftstack::base64url_encode(*bytes) == text, "base64url has one spelling");
  if (const auto id = samples::SessionId::from_text(text)) require(id->to_text() == text, "an id has one spelling");
  if (const auto moment = driftstack::Timestamp::from_text(text)) {
    const auto again = driftstack::Timestamp::from_text(moment->to_text());
    require(again && again->micros() <= moment->micros() && moment->micros() - again->micros() < 1000, "a time keeps its milliseconds");
  }
  const auto mac = [](std::string_view) { return driftstack::CursorMac{}; };
  if (const auto position = driftstack::open_cursor(text, "", mac)) {
    require(driftstack::seal_cursor(*position, "", mac) == text, "a cursor has one spelling");
  }
}

void fuzz_query(std::string_view text) {
  driftstack::PageQuery page;
  wire::Issues issues;
  const wire::Outcome outcome = wire::read_query(text, page, issues);
  require((outcome == wire::Outcome::ok) == issues.empty(), "issues and the outcome agree");
  if (outcome == wire::Outcome::ok) require(page.limit >= 1 && page.limit <= driftstack::kMaxPageSize, "bounds hold");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  fuzz_json(text);
  fuzz_shape<samples::SessionCreate>(text);
  fuzz_shape<samples::Session>(text);
  fuzz_shape<samples::Interact>(text);
  fuzz_shape<samples::Extract>(text);
  fuzz_texts(text);
  fuzz_query(text);
  return 0;
}

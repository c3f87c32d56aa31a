#include <catch2/catch.hpp>

#include "driftstack/support/page.hpp"
#include "driftstack/support/query.hpp"
#include "read_text.hpp"
#include "sample_shapes.hpp"

using driftstack::Page;
using driftstack::PageQuery;
namespace wire = driftstack::wire;

namespace {

std::string asked(std::string_view query) {
  PageQuery page;
  wire::Issues issues;
  if (wire::read_query(query, page, issues) != wire::Outcome::ok) return issues.summary();
  return std::to_string(page.limit) + " " + page.cursor.value_or("-");
}

}  // namespace

TEST_CASE("a list is asked for with a limit of 1 to 100, 50 by default, and a cursor of 1 to 512 characters") {
  CHECK(asked("") == "50 -");
  CHECK(asked("limit=1") == "1 -");
  CHECK(asked("limit=100&cursor=abc") == "100 abc");
  CHECK(asked("limit=0") == "\"limit\" must be at least 1");
  CHECK(asked("limit=101") == "\"limit\" must be at most 100");
  CHECK(asked("cursor=") == "\"cursor\" must be at least 1 character long");
  CHECK(asked("cursor=" + std::string(512, 'a')) == "50 " + std::string(512, 'a'));
  CHECK(asked("cursor=" + std::string(513, 'a')) == "\"cursor\" must be at most 512 characters long");
}

TEST_CASE("a page says whether there is more, with a null cursor on the last one") {
  Page<samples::Tap> page;
  page.data.push_back(samples::Tap{"a"});
  CHECK(wire::to_text(page) == R"({"data":[{"selector":"a"}],"has_more":false,"next_cursor":null})");
  page.continue_at("abc");
  CHECK(wire::to_text(page) == R"({"data":[{"selector":"a"}],"has_more":true,"next_cursor":"abc"})");
}

TEST_CASE("the published page shape holds the item's shape") {
  CHECK(
      wire::schema<Page<samples::Tap>>() ==
      R"({"type":"object","properties":{"data":{"type":"array","items":{"type":"object","properties":{"selector":{"type":"string","minLength":1}},)"
      R"("required":["selector"]}},"has_more":{"type":"boolean"},"next_cursor":{"type":["string","null"],"description":"Null on the last page."}},)"
      R"("required":["data","has_more","next_cursor"]})");
}

#include <catch2/catch.hpp>

#include <set>

#include "driftstack/support/issues.hpp"
#include "driftstack/support/json.hpp"

using driftstack::wire::Issue;
using driftstack::wire::IssueCode;
using driftstack::wire::Issues;
using driftstack::wire::PathFrame;

TEST_CASE("issues become the array of a problem body, with keys and positions in the path") {
  Issues issues;
  issues.add({"extractions", 2, "a\"b"}, IssueCode::enumeration, "must be one of: text, list");
  issues.add("label", IssueCode::too_long, "must be at most 120 characters long");
  CHECK(issues.json() == R"([{"path":["extractions",2,"a\"b"],"message":"must be one of: text, list","code":"enum"},)"
                         R"({"path":["label"],"message":"must be at most 120 characters long","code":"too_long"}])");
  CHECK(driftstack::wire::Json::parse(issues.json()).has_value());
  CHECK(issues[0].path_text() == "extractions[2].a\"b");
}

TEST_CASE("no issues are an empty array and an empty summary") {
  CHECK(Issues().json() == "[]");
  CHECK(Issues().summary().empty());
}

TEST_CASE("the summary names the first field and how many more there are") {
  Issues issues;
  issues.add("limit", IssueCode::too_big, "must be at most 100");
  CHECK(issues.summary() == "\"limit\" must be at most 100");
  issues.add("cursor", IssueCode::too_short, "must be at least 1 character long");
  CHECK(issues.summary() == "\"limit\" must be at most 100 (and 1 more)");
}

TEST_CASE("the fifty-first issue is dropped") {
  Issues issues;
  for (int i = 0; i < 50; ++i) {
    CHECK_FALSE(issues.full());
    issues.add({i}, IssueCode::type, "must be a string");
  }
  CHECK(issues.full());
  issues.add("late", IssueCode::type, "must be a string");
  CHECK(issues.size() == 50);
  CHECK(issues[49].path_text() == "[49]");
}

TEST_CASE("inside a scope paths start at the scope's place, afterwards at the document again") {
  Issues issues;
  const PathFrame list{nullptr, "items", 0, false};
  const PathFrame item{&list, {}, 3, true};
  {
    const Issues::Scope scope(issues, &item);
    issues.add("attribute", IssueCode::required, "is required");
  }
  issues.add("label", IssueCode::required, "is required");
  CHECK(issues[0].path_text() == "items[3].attribute");
  CHECK(issues[1].path_text() == "label");
}

TEST_CASE("a key of the caller's own making is cut in a path, between characters") {
  Issues issues;
  const std::string key = std::string(127, 'a') + "\xC3\xA4\xC3\xA4";
  const PathFrame place{nullptr, key, 0, false};
  issues.add_at(&place, IssueCode::unknown_key, "is not a known key");
  CHECK(issues[0].path_text() == std::string(127, 'a'));
}

TEST_CASE("every code has a text of its own") {
  std::set<std::string_view> texts;
  for (int code = 0; code <= static_cast<int>(IssueCode::not_allowed); ++code) {
    texts.insert(driftstack::wire::issue_code_text(static_cast<IssueCode>(code)));
  }
  CHECK(texts.size() == static_cast<std::size_t>(IssueCode::not_allowed) + 1);
}

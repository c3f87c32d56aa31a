#include <catch2/catch.hpp>

#include "driftstack/support/page.hpp"
#include "driftstack/support/query.hpp"
#include "read_text.hpp"
#include "sample_shapes.hpp"

namespace {

namespace wire = driftstack::wire;

struct Filter {
  std::optional<samples::Status> status;
  std::optional<std::string> search;
  std::optional<samples::Timestamp> created_after;
  std::optional<bool> live;
  std::optional<double> rate;
  std::int64_t offset = 0;
  std::string needed;

  friend void check(const Filter& f, wire::Issues& issues) {
    if (f.live && f.status) issues.add("live", wire::IssueCode::not_allowed, "must not stand beside status");
  }
  static constexpr auto shape = wire::object(
      wire::field<&Filter::status>("status"), wire::field<&Filter::search>("search", wire::length(1, 10)),
      wire::field<&Filter::created_after>("created_after"), wire::field<&Filter::live>("live"), wire::field<&Filter::rate>("rate"),
      wire::field<&Filter::offset>("offset", wire::defaulted, wire::min(0)), wire::field<&Filter::needed>("needed"));
};

std::string bound(std::string_view query) {
  Filter filter;
  wire::Issues issues;
  return wire::read_query(query, filter, issues) == wire::Outcome::ok ? wire::to_text(filter) : samples::issue_lines(issues);
}

struct Row {
  std::string query, want;
};

}  // namespace

TEST_CASE("a query string binds into a struct by the same rules as a body") {
  const auto row = GENERATE(values<Row>({
      {"needed=a", R"({"offset":0,"needed":"a"})"},
      {"needed=", R"({"offset":0,"needed":""})"},
      {"needed", R"({"offset":0,"needed":""})"},
      {"", "needed: required"},
      {"&&needed=a&", R"({"offset":0,"needed":"a"})"},
      {"needed=a&status=ready", R"({"status":"ready","offset":0,"needed":"a"})"},
      {"needed=a&status=asleep", "status: enum"},
      {"needed=a&offset=12", R"({"offset":12,"needed":"a"})"},
      {"needed=a&offset=-1", "offset: too_small"},
      {"needed=a&offset=99999999999999999999", "offset: too_big"},
      {"needed=a&offset=", "offset: type"},
      {"needed=a&offset=01", "offset: type"},
      {"needed=a&offset=1.0", "offset: type"},
      {"needed=a&offset=1e3", "offset: type"},
      {"needed=a&offset=+1", "offset: type"},
      {"needed=a&offset=%31", R"({"offset":1,"needed":"a"})"},
      {"needed=a&live=true", R"({"live":true,"offset":0,"needed":"a"})"},
      {"needed=a&live=1", "live: type"},
      {"needed=a&rate=0.5", R"({"rate":0.5,"offset":0,"needed":"a"})"},
      {"needed=a&rate=1e999", "rate: type"},
      {"needed=a&created_after=2026-05-09T00%3A00%3A00%2B02:00", R"({"created_after":"2026-05-08T22:00:00.000Z","offset":0,"needed":"a"})"},
      {"needed=a&search=x%20y+z", R"({"search":"x y z","offset":0,"needed":"a"})"},
      {"needed=k%C3%A4se", R"({"offset":0,"needed":"käse"})"},
      {"needed=a=b%26c", R"({"offset":0,"needed":"a=b&c"})"},
      {"n%65eded=a", R"({"offset":0,"needed":"a"})"},
      {"needed=null", R"({"offset":0,"needed":"null"})"},
      {"needed=a&search=12345678901", "search: too_long"},
      {"needed=a&search=%zz", "search: format"},
      {"needed=a&search=%2", "search: format"},
      {"needed=a&search=%FF", "search: format"},
      {"needed=a&search=%00", "search: format"},
      {"needed=a&other=1&other=2&%zz=1", R"({"offset":0,"needed":"a"})"},
      {"needed=a&needed=b", "needed: duplicate_key"},
      {"needed=a&live=true&status=ready", "live: not_allowed"},
      {"live=x&offset=y", "live: type; offset: type; needed: required"},
  }));
  INFO(row.query);
  CHECK(bound(row.query) == row.want);
}

#include "kernel/pipeline/canonical_path.hpp"

#include <catch2/catch.hpp>

namespace driftstack::kernel {
namespace {

using namespace std::string_view_literals;

struct Good {
  std::string_view target, path, query;
};
struct Bad {
  std::string_view target, detail;
};

constexpr auto kNoSlash = "The request path must start with a slash."sv;
constexpr auto kEmptySegment = "The request path has an empty segment."sv;
constexpr auto kDot = "The request path has a dot segment."sv;
constexpr auto kBroken = "The request path has a broken percent-encoding."sv;
constexpr auto kControl = "The request path has an encoded control character."sv;
constexpr auto kNeedless = "The request path encodes a character that needs no encoding."sv;
constexpr auto kUnencoded = "The request path has a character that must be percent-encoded."sv;
constexpr auto kQuery = "The query has a character that must be percent-encoded."sv;

TEST_CASE("A canonical target is split at its first question mark and otherwise left as it is") {
  const Good table[] = {
      {"/", "/", ""},
      {"/v1/sessions", "/v1/sessions", ""},
      {"/v1/sessions/", "/v1/sessions/", ""},
      {"/?", "/", ""},
      {"/v1/things?limit=5&cursor=a", "/v1/things", "limit=5&cursor=a"},
      {"/v1/things?a=b?c", "/v1/things", "a=b?c"},
      {"/v1/things?at=/../x//y", "/v1/things", "at=/../x//y"},
      {"/v1/a%2Fb", "/v1/a%2Fb", ""},
      {"/v1/a%2fb", "/v1/a%2fb", ""},
      {"/v1/%C3%A9t%C3%A9", "/v1/%C3%A9t%C3%A9", ""},
      {"/v1/100%25", "/v1/100%25", ""},
      {"/v1/!$&'()*+,;=:@-._~", "/v1/!$&'()*+,;=:@-._~", ""},
      {"/v1/...", "/v1/...", ""},
      {"/.well-known/security.txt", "/.well-known/security.txt", ""},
  };
  for (const auto& row : table) {
    CAPTURE(row.target);
    const auto target = canonical_target(row.target);
    REQUIRE(target);
    CHECK(target->path == row.path);
    CHECK(target->query == row.query);
  }
}

TEST_CASE("A target that has a second spelling or hides something is refused with its reason") {
  const Bad table[] = {
      {"", kNoSlash},
      {"*", kNoSlash},
      {"v1/things", kNoSlash},
      {"http://host/v1", kNoSlash},
      {"//", kEmptySegment},
      {"//evil.example/v1", kEmptySegment},
      {"/v1//things", kEmptySegment},
      {"/v1/things//", kEmptySegment},
      {"/.", kDot},
      {"/v1/./things", kDot},
      {"/v1/../admin", kDot},
      {"/v1/..", kDot},
      {"/v1/%2e%2e/admin", kNeedless},
      {"/v1/%2E", kNeedless},
      {"/v1/%61dmin", kNeedless},
      {"/v1/%7Euser", kNeedless},
      {"/v1/%", kBroken},
      {"/v1/%2", kBroken},
      {"/v1/%/things", kBroken},
      {"/v1/%41"sv.substr(0, 6), kBroken},  // the digit behind the end of the target is not its own
      {"/v1/%G0", kBroken},
      {"/v1/%0g", kBroken},
      {"/v1/%00", kControl},
      {"/v1/a%0d%0ab", kControl},
      {"/v1/%7F", kControl},
      {"/v1/a b", kUnencoded},
      {"/v1\\things", kUnencoded},
      {"/v1/<x>", kUnencoded},
      {"/v1/a\"b", kUnencoded},
      {"/v1/#top", kUnencoded},
      {"/v1/\xC3\xA9", kUnencoded},
      {"/v1/\x01"sv, kUnencoded},
      {"/v1/\0"sv, kUnencoded},
      {"/v1?a b", kQuery},
      {"/v1?a#b", kQuery},
      {"/v1?a=\xC3\xA9", kQuery},
      {"/v1?a=\x7f", kQuery},
      {"/v1?a=\r\nX: y", kQuery},
  };
  for (const auto& row : table) {
    CAPTURE(row.target);
    const auto target = canonical_target(row.target);
    REQUIRE_FALSE(target);
    CHECK(target.error().code == Errc::bad_request);
    CHECK(target.error().detail == row.detail);
  }
}

TEST_CASE("A segment is decoded behind what is there already, and must be UTF-8") {
  std::string out = "before";
  CHECK(decode_segment("a%2Fb%20%C3%A9", out));
  CHECK(out == "beforea/b \xC3\xA9");
  std::string bad;
  CHECK_FALSE(decode_segment("%FF", bad));
  std::string halves = "\xC3";  // what was there before does not count
  CHECK_FALSE(decode_segment("%A9", halves));
}

}  // namespace
}  // namespace driftstack::kernel

#include "kernel/pipeline/docs_page.hpp"

#include <catch2/catch.hpp>

#include "sample_routes.hpp"

namespace driftstack::kernel {
namespace {

using test::keyed_route;
using test::open_route;

bool holds(const std::string& page, std::string_view text) { return page.find(text) != std::string::npos; }

TEST_CASE("The page lists every operation with its access and bucket") {
  Route make = keyed_route(Method::post, "/v1/things/{id}");
  make.scopes_any = ScopeSet{Scope::write_sessions};
  make.idempotency = Idempotency::replay;
  const Route open = open_route(Method::get, "/health"), any = keyed_route(Method::get, "/v1/things");
  const auto page = docs_page({&open, &make, &any}, "1.2.3", "https://driftstack.test");
  CHECK(page.starts_with("<!doctype html>"));
  CHECK(page.ends_with("</html>"));
  CHECK(holds(page, "Version 1.2.3 at <code>https://driftstack.test</code>"));
  CHECK(holds(page, "POST</span> <code>/v1/things/{id}</code>"));
  CHECK(holds(page, "GET</span> <code>/health</code>"));
  CHECK(holds(page, "<td>write:sessions</td>"));
  CHECK(holds(page, "<td>any valid credential</td>"));
  CHECK(holds(page, "<td>public</td>"));
  CHECK(holds(page, "<code>ip:public</code>"));
  CHECK(holds(page, "Idempotency-Key"));
  CHECK_FALSE(holds(docs_page({&any}, "1", "u"), "Idempotency-Key"));
}

TEST_CASE("Fields of a body become rows") {
  Route make = keyed_route(Method::post, "/v1/things");
  make.request_schema = R"({"type":"object","properties":{"colour":{"type":"string"}}})";
  const auto page = docs_page({&make}, "1", "u");
  CHECK(holds(page, "<h4>Body</h4>"));
  CHECK(holds(page, "<tr><td><code>colour</code></td><td><code>{&quot;type&quot;:&quot;string&quot;}</code></td></tr>"));
}

TEST_CASE("Nothing that a plugin or an operator writes becomes markup") {
  constexpr const char* kEvil = "<script>alert(\"&\")</script>";
  Route odd = keyed_route(Method::post, "/v1/things");
  odd.summary = odd.tag = odd.operation_id = odd.bucket = kEvil;
  odd.query_schema = R"({"properties":{"<script>":{"title":"<script>"}}})";
  odd.request_schema = R"({"title":"<script>"})";
  const auto page = docs_page({&odd}, kEvil, kEvil);
  CHECK_FALSE(holds(page, "<script"));
  CHECK(holds(page, "&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;"));
}

}  // namespace
}  // namespace driftstack::kernel

#include "kernel/pipeline/route_table.hpp"

#include <catch2/catch.hpp>

#include "sample_routes.hpp"

namespace driftstack::kernel {
namespace {

using test::keyed_route;
using test::open_route;

bool knows(std::string_view bucket) { return bucket == "global" || bucket == "ip:public"; }

struct Fault {
  const char* what;  ///< what the message says behind plugin, method and path
  void (*spoil)(Route& route);
};

// One row per rule. The second table holds the near misses that must mount.
const Fault kFaults[] = {
    {"declares no authentication", [](Route& r) { r.authentication = Authentication::undeclared; }},
    {"declares no scopes (an empty set means any valid credential)", [](Route& r) { r.scopes_any.reset(); }},
    {"declares no team access", [](Route& r) { r.team = TeamAccess::undeclared; }},
    {"declares no rate-limit bucket", [](Route& r) { r.bucket.clear(); }},
    {"has a team access that does not fit its authentication", [](Route& r) { r.team = TeamAccess::not_applicable; }},
    {"has a team access that does not fit its authentication",
     [](Route& r) { r = open_route(r.method, r.path), r.team = TeamAccess::ignored; }},
    {"has scopes but no account behind it", [](Route& r) { r = open_route(r.method, r.path), r.scopes_any = ScopeSet{Scope::read}; }},
    {"must need the staff scope exactly when its authentication is staff", [](Route& r) { r.authentication = Authentication::staff; }},
    {"must need the staff scope exactly when its authentication is staff",
     [](Route& r) { r.scopes_any = ScopeSet{Scope::driftstack_internal_admin}; }},
    {"has a bucket that does not fit its authentication (accounts draw on account buckets, public routes on ip: buckets)",
     [](Route& r) { r.bucket = "ip:public"; }},
    {"has a bucket that does not fit its authentication (accounts draw on account buckets, public routes on ip: buckets)",
     [](Route& r) { r.bucket = "none"; }},
    {"has a bucket that does not fit its authentication (accounts draw on account buckets, public routes on ip: buckets)",
     [](Route& r) { r = open_route(r.method, r.path), r.bucket = "global"; }},
    {"names the bucket \"globe\", which the rate limiter does not have", [](Route& r) { r.bucket = "globe"; }},
    {"declares idempotency but is no POST with an account", [](Route& r) { r.idempotency = Idempotency::replay, r.method = Method::put; }},
    {"declares idempotency but is no POST with an account",
     [](Route& r) { r = open_route(r.method, r.path), r.idempotency = Idempotency::secret; }},
    {"needs a fresh second factor but has no account behind it", [](Route& r) { r = open_route(r.method, r.path), r.step_up = true; }},
    {"has no handler", [](Route& r) { r.handler = nullptr; }},
    {"has no operation id", [](Route& r) { r.operation_id.clear(); }},
    {"must start with a slash", [](Route& r) { r.path.clear(); }},
    {"must start with a slash", [](Route& r) { r.path = "v1/things"; }},
    {"has a malformed segment; a parameter fills one whole segment, like {id}", [](Route& r) { r.path = "/v1//things"; }},
    {"has a malformed segment; a parameter fills one whole segment, like {id}", [](Route& r) { r.path = "/v1/things/"; }},
    {"has a malformed segment; a parameter fills one whole segment, like {id}", [](Route& r) { r.path = "/v1/thing-{id}"; }},
    {"has a malformed segment; a parameter fills one whole segment, like {id}", [](Route& r) { r.path = "/v1/{}"; }},
    {"has a malformed segment; a parameter fills one whole segment, like {id}", [](Route& r) { r.path = "/v1/{id"; }},
    {"has a malformed segment; a parameter fills one whole segment, like {id}", [](Route& r) { r.path = "/v1/{a}{b}"; }},
    {"has more than 4 parameters", [](Route& r) { r.path = "/{a}/{b}/{c}/{d}/{e}"; }},
};

const Fault kNearMisses[] = {
    {"a complete route", [](Route&) {}},
    {"a public probe without a bucket", [](Route& r) { r = open_route(r.method, r.path), r.bucket = "none"; }},
    {"a staff route with its scope",
     [](Route& r) { r.authentication = Authentication::staff, r.scopes_any = ScopeSet{Scope::driftstack_internal_admin}; }},
    {"a keyed POST", [](Route& r) { r.idempotency = Idempotency::replay; }},
    {"four parameters", [](Route& r) { r.path = "/{a}/{b}/{c}/{d}"; }},
    {"the root", [](Route& r) { r.path = "/"; }},
};

TEST_CASE("A route that leaves something out or combines it wrongly is not mounted, and the message names plugin, route and rule") {
  for (const auto& fault : kFaults) {
    RouteTable table(&knows);
    Route route = keyed_route(Method::post, "/v1/things");
    fault.spoil(route);
    CAPTURE(fault.what, route.path);
    const auto mounted = table.mount("zoo", route);
    REQUIRE_FALSE(mounted);
    CHECK(mounted.error().code == Errc::misuse);
    CHECK(mounted.error().detail == "plugin zoo: route " + std::string(method_name(route.method)) + " " + route.path + ": " + fault.what);
    CHECK(table.routes().empty());
  }
}

TEST_CASE("A route that just keeps to the rules is mounted") {
  for (const auto& near : kNearMisses) {
    RouteTable table(&knows);
    Route route = keyed_route(Method::post, "/v1/things");
    near.spoil(route);
    CAPTURE(near.what);
    CHECK(table.mount("zoo", route));
    CHECK(table.routes().size() == 1);
  }
}

TEST_CASE("A second route with the same method and path is refused and names its first owner") {
  RouteTable table(&knows);
  const Route first = keyed_route(Method::get, "/v1/things/{id}"), second = keyed_route(Method::get, "/v1/things/{name}");
  const Route other_method = keyed_route(Method::post, "/v1/things/{thing}");
  REQUIRE(table.mount("zoo", first));
  const auto again = table.mount("circus", second);
  REQUIRE_FALSE(again);
  CHECK(again.error().detail == "plugin circus: route GET /v1/things/{name}: is mounted by plugin zoo already");
  CHECK(table.mount("circus", other_method));
  CHECK(table.find(Method::get, "/v1/things/7").route == &first);
}

TEST_CASE("Parameters hand out the raw segments under the names of the matched template") {
  RouteTable table(&knows);
  const Route get = keyed_route(Method::get, "/v1/zoos/{zoo}/animals/{animal}"),
              put = keyed_route(Method::put, "/v1/zoos/{id}/animals/{name}");
  REQUIRE(table.mount("zoo", get));
  REQUIRE(table.mount("zoo", put));
  const auto match = table.find(Method::get, "/v1/zoos/7/animals/red%20panda");
  REQUIRE(match.route == &get);
  REQUIRE(match.parameters == 2);
  CHECK(match.names[0] == "zoo");
  CHECK(match.segments[0] == "7");
  CHECK(match.names[1] == "animal");
  CHECK(match.segments[1] == "red%20panda");
  CHECK(table.find(Method::put, "/v1/zoos/7/animals/bear").names[0] == "id");
}

TEST_CASE("A static segment wins over a parameter, whichever was mounted first") {
  const Route fixed = keyed_route(Method::get, "/v1/things/mine"), any = keyed_route(Method::get, "/v1/things/{id}");
  const bool fixed_first = GENERATE(true, false);
  RouteTable table(&knows);
  REQUIRE(table.mount("zoo", fixed_first ? fixed : any));
  REQUIRE(table.mount("zoo", fixed_first ? any : fixed));
  CHECK(table.find(Method::get, "/v1/things/mine").route == &fixed);
  CHECK(table.find(Method::get, "/v1/things/mine").parameters == 0);
  CHECK(table.find(Method::get, "/v1/things/yours").route == &any);
}

TEST_CASE("Matching is exact: case, length, slashes and empty segments count") {
  RouteTable table(&knows);
  const Route root = open_route(Method::get, "/"), list = keyed_route(Method::get, "/v1/things"),
              one = keyed_route(Method::get, "/v1/things/{id}");
  for (const auto* route : {&root, &list, &one}) REQUIRE(table.mount("zoo", *route));
  CHECK(table.find(Method::get, "/").route == &root);
  CHECK(table.find(Method::get, "/v1/things").route == &list);
  for (const char* path :
       {"/V1/things", "/v1/Things", "/v1", "/v1/things/", "/v1/things/7/", "/v1/things/7/8", "/v1/thing", "/v1/thingss"}) {
    CAPTURE(path);
    const auto match = table.find(Method::get, path);
    CHECK(match.route == nullptr);
    CHECK_FALSE(match.path_exists);
  }
}

TEST_CASE("A path with another method only is told apart from a path that does not exist") {
  RouteTable table(&knows);
  const Route make = keyed_route(Method::post, "/v1/things");
  REQUIRE(table.mount("zoo", make));
  CHECK(table.find(Method::get, "/v1/things").route == nullptr);
  CHECK(table.find(Method::get, "/v1/things").path_exists);
  CHECK_FALSE(table.find(Method::get, "/v1").path_exists);
}

TEST_CASE("HEAD is served by the GET route and by no other") {
  RouteTable table(&knows);
  const Route get = keyed_route(Method::get, "/v1/things/{id}"), post = keyed_route(Method::post, "/v1/jobs");
  REQUIRE(table.mount("zoo", get));
  REQUIRE(table.mount("zoo", post));
  const auto match = table.find(Method::head, "/v1/things/7");
  REQUIRE(match.route == &get);
  CHECK(match.names[0] == "id");
  CHECK(table.find(Method::head, "/v1/jobs").route == nullptr);
}

TEST_CASE("The list of routes is sorted by path and method") {
  RouteTable table(&knows);
  const Route c = keyed_route(Method::post, "/v1/b"), b = keyed_route(Method::get, "/v1/b"), a = keyed_route(Method::delete_, "/v1/a/{id}");
  for (const auto* route : {&c, &b, &a}) REQUIRE(table.mount("zoo", *route));
  CHECK(table.routes() == std::vector<const Route*>{&a, &b, &c});
}

}  // namespace
}  // namespace driftstack::kernel

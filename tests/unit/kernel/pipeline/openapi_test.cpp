#include "kernel/pipeline/openapi.hpp"

#include <catch2/catch.hpp>

#include "driftstack/support/json.hpp"
#include "sample_routes.hpp"

namespace driftstack::kernel {
namespace {

using test::keyed_route;
using test::open_route;
using wire::JsonView;

/// The value at a path of member names; fails the test when there is none. The document outlives the view.
JsonView at(const wire::Json& json, std::initializer_list<std::string_view> path) {
  JsonView view = json.view();
  for (const auto name : path) {
    CAPTURE(name);
    const auto member = view.find(name);
    REQUIRE(member);
    view = *member;
  }
  return view;
}

wire::Json document(const std::vector<const Route*>& routes) {
  auto json = wire::Json::parse(openapi_document(routes, "1.2.3", "https://driftstack.test"));
  REQUIRE(json);
  return *json;
}

TEST_CASE("A server without routes still has a complete contract") {
  const auto json = document({});
  CHECK(at(json, {"openapi"}).as_text() == "3.1.0");
  CHECK(at(json, {"info", "version"}).as_text() == "1.2.3");
  CHECK(at(json, {"servers"}).elements().at(0).find("url")->as_text() == "https://driftstack.test");
  CHECK(at(json, {"paths"}).members().empty());
  at(json, {"components", "schemas", "Problem", "properties", "type"});
  at(json, {"components", "securitySchemes", "bearer"});
}

TEST_CASE("Every mounted operation is in the contract, once, under its path and method") {
  const Route list = keyed_route(Method::get, "/v1/things"), make = keyed_route(Method::post, "/v1/things"),
              drop = keyed_route(Method::delete_, "/v1/things/{id}"), open = open_route(Method::get, "/health");
  const auto json = document({&list, &make, &drop, &open});
  CHECK(at(json, {"paths"}).members().size() == 3);
  CHECK(at(json, {"paths", "/v1/things"}).members().size() == 2);
  CHECK(at(json, {"paths", "/v1/things", "get", "operationId"}).as_text() == list.operation_id);
  CHECK(at(json, {"paths", "/v1/things", "post", "operationId"}).as_text() == make.operation_id);
  CHECK(at(json, {"paths", "/v1/things/{id}", "delete", "operationId"}).as_text() == drop.operation_id);
  CHECK(at(json, {"paths", "/health", "get", "operationId"}).as_text() == open.operation_id);
}

TEST_CASE("An operation says who may call it") {
  Route read = keyed_route(Method::get, "/v1/things");
  read.scopes_any = ScopeSet{Scope::read, Scope::account_owner};
  const Route open = open_route(Method::get, "/health");
  const auto json = document({&read, &open});
  CHECK(at(json, {"paths", "/v1/things", "get", "security"}).text() == R"([{"bearer":[]}])");
  CHECK(at(json, {"paths", "/v1/things", "get", "description"}).as_text() == "Scope: `read` or `account_owner`.");
  CHECK(at(json, {"paths", "/health", "get", "security"}).text() == "[]");
  CHECK_FALSE(at(json, {"paths", "/health", "get"}).find("description"));
}

std::vector<std::string> parameters(const wire::Json& json, std::string_view path, std::string_view method) {
  std::vector<std::string> all;
  const auto list = at(json, {"paths", path, method}).find("parameters");
  if (!list) return all;
  for (const auto& item : list->elements())
    all.push_back(*item.find("in")->as_text() + " " + *item.find("name")->as_text() +
                  (item.find("required")->as_bool().value() ? " required" : ""));
  return all;
}

TEST_CASE("Path, query and header parameters are listed; a route that honours none lists none") {
  Route busy = keyed_route(Method::post, "/v1/zoos/{zoo}/animals/{animal}");
  busy.query_schema = R"({"type":"object","required":["limit"],"properties":{"limit":{"type":"integer"},"cursor":{"type":"string"}}})";
  busy.idempotency = Idempotency::replay;
  busy.team = TeamAccess::admin_write;
  const Route quiet = keyed_route(Method::get, "/v1/things");
  const auto json = document({&busy, &quiet});
  CHECK(parameters(json, "/v1/zoos/{zoo}/animals/{animal}", "post") ==
        std::vector<std::string>{"path zoo required", "path animal required", "query limit required", "query cursor",
                                 "header Idempotency-Key", "header X-Driftstack-Account"});
  CHECK(parameters(json, "/v1/things", "get").empty());
}

TEST_CASE("Bodies and answers carry their schemas, and only a required body is called required") {
  Route make = keyed_route(Method::post, "/v1/things");
  make.request_schema = R"({"type":"object","title":"ThingCreate"})";
  make.response_schema = R"({"type":"object","title":"Thing"})";
  make.body = GENERATE(BodyKind::json, BodyKind::json_optional);
  make.success = 201;
  make.deprecated = true;
  const auto json = document({&make});
  const auto operation = at(json, {"paths", "/v1/things", "post"});
  CHECK(at(json, {"paths", "/v1/things", "post", "requestBody", "content", "application/json", "schema", "title"}).as_text() ==
        "ThingCreate");
  CHECK(at(json, {"paths", "/v1/things", "post", "requestBody", "required"}).as_bool() == (make.body == BodyKind::json));
  CHECK(at(json, {"paths", "/v1/things", "post", "responses", "201", "content", "application/json", "schema", "title"}).as_text() ==
        "Thing");
  CHECK(at(json, {"paths", "/v1/things", "post", "responses", "default", "$ref"}).as_text() == "#/components/responses/Problem");
  CHECK(operation.find("deprecated")->as_bool() == true);
}

TEST_CASE("Texts of plugins cannot break the document") {
  Route odd = keyed_route(Method::get, "/v1/things");
  odd.summary = "A \"quoted\"\nsummary \\ \xff";
  odd.tag = "\",\"x\":\"";
  const auto json = document({&odd});
  CHECK(at(json, {"paths", "/v1/things", "get", "summary"}).as_text() == "A \"quoted\"\nsummary \\ \xEF\xBF\xBD");
  CHECK(at(json, {"paths", "/v1/things", "get", "tags"}).elements().at(0).as_text() == odd.tag);
}

}  // namespace
}  // namespace driftstack::kernel

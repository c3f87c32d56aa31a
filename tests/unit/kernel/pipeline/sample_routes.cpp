#include "sample_routes.hpp"

#include "kernel/pipeline/route_table.hpp"

namespace driftstack::kernel::test {
namespace {

Route complete(Method method, std::string path, RouteHandler& handler) {
  Route route;
  route.method = method;
  route.operation_id = std::string(method_name(method)) + path;
  route.summary = "A sample.";
  route.tag = "samples";
  route.path = std::move(path);
  route.handler = &handler;
  return route;
}

}  // namespace

AsyncResult<Response> EmptyHandler::handle(const Call&, const Request&) { co_return Response(); }

RouteHandler& empty_handler() {
  static EmptyHandler handler;
  return handler;
}

Route keyed_route(Method method, std::string path, RouteHandler& handler) {
  Route route = complete(method, std::move(path), handler);
  route.authentication = Authentication::bearer;
  route.scopes_any = ScopeSet();
  route.team = TeamAccess::ignored;
  route.bucket = "global";
  return route;
}

Route open_route(Method method, std::string path, RouteHandler& handler) {
  Route route = complete(method, std::move(path), handler);
  route.authentication = Authentication::none;
  route.scopes_any = ScopeSet();
  route.team = TeamAccess::not_applicable;
  route.bucket = "ip:public";
  return route;
}

}  // namespace driftstack::kernel::test

#pragma once
// Complete routes to spoil in one place at a time.

#include <string>

#include "driftstack/http.hpp"

namespace driftstack::kernel::test {

/// Answers 204 to everything.
class EmptyHandler final : public RouteHandler {
 public:
  AsyncResult<Response> handle(const Call& call, const Request& request) override;
};

/// A handler for routes that nobody calls.
RouteHandler& empty_handler();

/// Needs any key, draws on `global`, ignores the team header.
Route keyed_route(Method method, std::string path, RouteHandler& handler = empty_handler());
/// Public, draws on `ip:public`.
Route open_route(Method method, std::string path, RouteHandler& handler = empty_handler());

}  // namespace driftstack::kernel::test

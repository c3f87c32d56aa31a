#include "kernel/pipeline/core_routes.hpp"

namespace driftstack::kernel {

CoreRoutes::CoreRoutes(const ReadinessReport& readiness) : readiness_(readiness) {
  routes_.get("/health", "get_health", "Is the process alive?").open("none").to<&CoreRoutes::health>(*this);
  routes_.get("/healthz", "get_healthz", "Is the process alive?").open("none").to<&CoreRoutes::health>(*this);
  routes_.get("/v1/health", "get_v1_health", "Is the process alive?").open("none").to<&CoreRoutes::health>(*this);
  routes_.get("/ready", "get_ready", "Are the dependencies usable?").open("none").to<&CoreRoutes::ready>(*this);
  routes_.get("/openapi.json", "get_openapi", "This contract.").open().to<&CoreRoutes::openapi>(*this);
  routes_.get("/docs", "get_docs", "This contract as a page.").open().page().to<&CoreRoutes::docs>(*this);
}

AsyncResult<Response> CoreRoutes::health(const Call&, const Request&) { co_return Response(200, R"({"status":"ok"})"); }

AsyncResult<Response> CoreRoutes::ready(const Call& call, const Request&) {
  auto answer = co_await readiness_.ask(call.io_thread(), std::string(call.request_id()));
  if (!answer) co_return std::move(answer).error();
  co_return Response(answer->ready ? 200 : 503, std::move(answer->body));
}

AsyncResult<Response> CoreRoutes::openapi(const Call&, const Request&) { co_return Response(200, openapi_); }

AsyncResult<Response> CoreRoutes::docs(const Call&, const Request&) {
  Response response(200, docs_);
  response.content_type = "text/html; charset=utf-8";
  co_return response;
}

}  // namespace driftstack::kernel

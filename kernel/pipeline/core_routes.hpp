#pragma once
// The kernel's own operations: probes and the contract.

#include <string>

#include "driftstack/support/routes.hpp"
#include "kernel/pipeline/readiness.hpp"

namespace driftstack::kernel {

class CoreRoutes {
 public:
  explicit CoreRoutes(const ReadinessReport& readiness);

  std::span<const Route> routes() const noexcept { return routes_.routes(); }
  /// The documents, made once all routes are mounted. Before the first request.
  void set_documents(std::string openapi, std::string docs) {
    openapi_ = std::move(openapi);
    docs_ = std::move(docs);
  }

 private:
  AsyncResult<Response> health(const Call& call, const Request& request);
  AsyncResult<Response> ready(const Call& call, const Request& request);
  AsyncResult<Response> openapi(const Call& call, const Request& request);
  AsyncResult<Response> docs(const Call& call, const Request& request);

  const ReadinessReport& readiness_;
  std::string openapi_, docs_;
  Routes routes_{"server"};
};

}  // namespace driftstack::kernel

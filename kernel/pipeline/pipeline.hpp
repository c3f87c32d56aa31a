#pragma once
// The stages of a request, in order.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/roles/authenticator.hpp"
#include "driftstack/roles/rate_limiter.hpp"
#include "kernel/pipeline/access_log.hpp"
#include "kernel/pipeline/client_address.hpp"
#include "kernel/pipeline/cors.hpp"
#include "kernel/pipeline/idempotency.hpp"
#include "kernel/pipeline/rate_limit_stage.hpp"
#include "kernel/pipeline/request_handler.hpp"
#include "kernel/pipeline/response_head.hpp"
#include "kernel/pipeline/route_table.hpp"

namespace driftstack::kernel {

struct PipelineOptions {
  std::vector<std::string> allowed_hosts;  ///< accepted Host values without port; empty accepts every host
  std::vector<std::string> cors_origins;
  std::vector<Network> trusted_proxies;
  bool hsts = true;
  std::uint32_t io_threads = 1;
};

/// What the stages call. Null roles switch their stage off; a route that needs a credential answers 503 then.
struct PipelineParts {
  const RouteTable* routes = nullptr;
  Authenticator* authenticator = nullptr;
  RateLimiter* rate_limiter = nullptr;
  IdempotencyStore* idempotency = nullptr;
  Log* log = nullptr;
  Metrics* metrics = nullptr;
  Clock* clock = nullptr;
  Secrets* secrets = nullptr;
};

class Pipeline final : public RequestHandler {
 public:
  Pipeline(PipelineOptions options, PipelineParts parts);

  Task<> run(Exchange& exchange) override;
  void refuse(Exchange& exchange, const Error& error) override;
  void finished(const Exchange& exchange, std::uint64_t bytes_sent) noexcept override { access_log_.record(exchange, bytes_sent); }

 private:
  AsyncResult<Response> answer(Exchange& exchange);

  // Stages, in the order in which they run.
  void begin(Exchange& exchange);
  Result<> check_host(const Exchange& exchange) const;
  Result<> match(Exchange& exchange, Request& request);
  Response preflight(Exchange& exchange) const;
  AsyncResult<> authenticate(Exchange& exchange, const Route& route);
  AsyncResult<> refuse_credential(Exchange& exchange, Error error, std::string_view token);
  /// `bucket` outlives the task.
  AsyncResult<> draw_address(Exchange& exchange, const std::string& bucket);
  AsyncResult<> authorize(Exchange& exchange, const Route& route);
  /// The value of `Sec-WebSocket-Accept`.
  Result<std::string> open_websocket(Exchange& exchange) const;
  AsyncResult<std::string_view> read_body(Exchange& exchange, const Route& route);
  AsyncResult<Response> handle_keyed(Exchange& exchange, const Route& route, Request& request, std::string key);

  void compose(Exchange& exchange, Result<Response> outcome);
  std::string new_request_id(IoThread thread);
  void show_headers(Exchange& exchange, const Route& route) const;

  PipelineOptions options_;
  PipelineParts parts_;
  ClientAddressResolver addresses_;
  Cors cors_;
  ResponseHead response_head_;
  RateLimitStage rate_limits_;
  AccessLog access_log_;
  struct alignas(64) RequestIds {
    std::uint64_t state[2];
  };
  std::vector<RequestIds> request_ids_;  // one per io thread: request ids are unique, not secret
};

}  // namespace driftstack::kernel

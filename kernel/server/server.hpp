#pragma once
// The serving part: routes of all plugins, the pipeline in generations, the HTTP listener.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kernel/http/http_server.hpp"
#include "kernel/pipeline/core_routes.hpp"
#include "kernel/pipeline/pipeline.hpp"
#include "kernel/server/core.hpp"
#include "kernel/server/housekeeping.hpp"

namespace driftstack::kernel {

/// Serves the started plugins of a core. [main-thread] unless said otherwise.
class Server final : private RequestHandler {
 public:
  explicit Server(Core& core);
  ~Server();

  /// Mounts the routes and listens. Errors name the route or the address.
  Result<> start();
  std::uint16_t port() const;
  /// Applies the settings of a new configuration that may change while serving; open connections stay. Answers the keys that changed but
  /// need a restart.
  std::vector<std::string> reload(const ServerConfiguration& fresh);
  /// Stops accepting, lets running requests end within `server.drain_timeout`, closes the rest.
  void drain();

 private:
  Task<> run(Exchange& exchange) override { return current_.load(std::memory_order_acquire)->run(exchange); }
  void refuse(Exchange& exchange, const Error& error) override { current_.load(std::memory_order_acquire)->refuse(exchange, error); }
  void finished(const Exchange& exchange, std::uint64_t bytes_sent) noexcept override {
    current_.load(std::memory_order_acquire)->finished(exchange, bytes_sent);
  }

  Result<> mount_routes();
  Result<> prepare_idempotency();
  void add_generation(const CheckedSettings& settings);
  static PipelineOptions pipeline_options(const CheckedSettings& settings, std::uint32_t io_threads);
  Result<ServerOptions> server_options(const CheckedSettings& settings) const;

  Core& core_;
  ReadinessReport readiness_;
  CoreRoutes core_routes_;
  std::unique_ptr<RouteTable> routes_;
  std::unique_ptr<IdempotencyStore> idempotency_;
  PipelineParts parts_;
  // A request may still run in an older generation; one is a few kilobytes, so all stay.
  std::vector<std::unique_ptr<Pipeline>> generations_;
  std::atomic<Pipeline*> current_{nullptr};
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::vector<std::pair<std::string, std::string>> shown_settings_;
};

}  // namespace driftstack::kernel

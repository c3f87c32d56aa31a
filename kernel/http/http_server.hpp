#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "kernel/http/server_options.hpp"
#include "kernel/pipeline/request_handler.hpp"
#include "kernel/runtime/io_threads.hpp"

namespace driftstack::kernel {

/// The HTTP/1.1 server: accepts on thread 0, spreads connections over all io threads in turn, ends in order.
///
///   HttpServer server(options, io, pipeline, log, metrics);
///   if (auto started = server.start(); !started) return report(started.error());
///   ...
///   server.drain(std::chrono::steady_clock::now() + drain_timeout);
class HttpServer {
 public:
  /// All references must outlive this object. [main-thread]
  HttpServer(ServerOptions options, IoThreads& io, RequestHandler& handler, Log& log, Metrics& metrics);
  /// Drains without patience when drain() was not called. [main-thread]
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds all addresses, then accepts. Errc::unavailable names the address that cannot be had; Errc::validation_failed a bad certificate
  /// or key. Nothing listens after an error. [main-thread]
  Result<> start();
  /// The port of the first address (or of another one). After start(). [any-thread]
  std::uint16_t bound_port(std::size_t address = 0) const noexcept;
  /// New limits and a new certificate for connections accepted from now on; open ones keep theirs. Addresses do not change, nor does
  /// whether TLS is spoken (Errc::conflict). On an error everything stays as it was. [any-thread]
  Result<> reload(ServerOptions options);
  /// Stops accepting, closes idle connections, ends streams, lets running requests end until `deadline`, then cancels their calls and
  /// closes. Answers how many connections are stuck in a handler that does not end; they must be given up. Blocks. [main-thread]
  std::size_t drain(std::chrono::steady_clock::time_point deadline);
  /// [any-thread]
  std::size_t open_connections() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace driftstack::kernel

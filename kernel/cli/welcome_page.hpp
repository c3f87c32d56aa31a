#pragma once
// A small page on a listener of its own, so that a first capture works on a machine without internet.

#include <memory>
#include <string>

#include "driftstack/result.hpp"
#include "kernel/http/http_server.hpp"
#include "kernel/server/core.hpp"

namespace driftstack::kernel {

class WelcomePage final : private RequestHandler {
 public:
  WelcomePage(Core& core, std::string host, std::uint16_t port);
  Result<> start() { return http_.start(); }
  void stop() { http_.drain(std::chrono::steady_clock::now() + std::chrono::seconds(1)); }

 private:
  Task<> run(Exchange& exchange) override;
  void refuse(Exchange& exchange, const Error& error) override;
  void finished(const Exchange&, std::uint64_t) noexcept override {}

  HttpServer http_;
};

}  // namespace driftstack::kernel

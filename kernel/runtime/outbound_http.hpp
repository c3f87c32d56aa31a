#pragma once

#include <memory>

#include "driftstack/host.hpp"
#include "kernel/runtime/egress_policy.hpp"

namespace driftstack::kernel {

/// HTTP client on libcurl, run on the worker pool. No redirects, no environment proxies, no cookies; every address is checked when it is
/// dialled, after the name was resolved, so a name cannot change its mind in between. One object per plugin; connections are reused.
class CurlOutboundHttp final : public OutboundHttp {
 public:
  CurlOutboundHttp(Scheduler& scheduler, EgressPolicy policy);
  ~CurlOutboundHttp();
  CurlOutboundHttp(const CurlOutboundHttp&) = delete;
  CurlOutboundHttp& operator=(const CurlOutboundHttp&) = delete;

  /// Resumes the caller on the io thread that it came from. Errc::misuse for a method or header that would break the message.
  AsyncResult<OutboundResponse> send(const Call& call, OutboundRequest request) override;

 private:
  struct Handles;
  Scheduler& scheduler_;
  const EgressPolicy policy_;
  std::unique_ptr<Handles> handles_;
};

}  // namespace driftstack::kernel

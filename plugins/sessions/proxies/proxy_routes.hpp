#pragma once
// The routes of sessions.md 10.

#include "driftstack/support/routes.hpp"
#include "proxies/proxy_gate.hpp"
#include "proxies/saved_proxies.hpp"

namespace driftstack::sessions {

/// HTTP on one side, saved proxies on the other; decides nothing itself. [io-thread]
class ProxyRoutes {
 public:
  ProxyRoutes(SavedProxies& proxies, ProxyGate& gate) : proxies_(proxies), gate_(gate) {}

  void declare(Routes& routes);

  AsyncResult<body::SavedProxies> list(const Call& call, const Request& request);
  AsyncResult<body::SavedProxy> create(const Call& call, const Request& request, body::ProxyCreate body);
  AsyncResult<body::SavedProxy> edit(const Call& call, const Request& request, body::ProxyEdit body);
  AsyncResult<> remove(const Call& call, const Request& request);
  AsyncResult<body::ProxyTest> test(const Call& call, const Request& request);

 private:
  SavedProxies& proxies_;
  ProxyGate& gate_;
};

}  // namespace driftstack::sessions

#pragma once
// Saved proxies in use: opened for a session, and tried before one starts or when their owner asks (sessions.md 10). [io-thread]

#include <optional>

#include "driftstack/host.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "profiles/profile.hpp"
#include "proxies/proxy_store.hpp"
#include "proxies/proxy_wire.hpp"

namespace driftstack::sessions {

/// A saved proxy with its password opened.
struct OpenProxy {
  Uuid id;
  browser::Proxy proxy;
};

class ProxyGate {
 public:
  /// `backend` may be null: then no proxy can be tried.
  ProxyGate(Host& host, SavedProxyStore& store, browser::Backend* backend) : host_(host), store_(store), backend_(backend) {}

  /// The proxy of a new session: the named one, else the profile's; nothing for a session that goes directly. not_found, conflict (the
  /// profile's is gone). Whoever chose one never gets a session that goes past it.
  AsyncResult<std::optional<OpenProxy>> choose(const Call& call, const std::optional<std::string>& named,
                                               const std::optional<Profile>& profile);
  /// The launch gate: proxy_validation_failed when the proxy carries nothing.
  AsyncResult<> admit(const Call& call, const OpenProxy& open);
  /// not_found.
  AsyncResult<body::ProxyTest> test(const Call& call, Uuid id);

 private:
  AsyncResult<OpenProxy> open(const Call& call, Uuid id);
  AsyncResult<browser::ProxyProbed> probe(const Call& call, const browser::Proxy& proxy);

  Host& host_;
  SavedProxyStore& store_;
  browser::Backend* backend_;
};

}  // namespace driftstack::sessions

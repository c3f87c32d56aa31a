#pragma once
// The life of saved proxies: save, list, edit, delete (sessions.md 10).

#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/accounts.hpp"
#include "proxies/proxy_store.hpp"
#include "proxies/proxy_wire.hpp"

namespace driftstack::sessions {

/// Always of the caller's own account. [io-thread]
class SavedProxies {
 public:
  SavedProxies(Host& host, SavedProxyStore& store, const AccountDirectory& accounts, ProxyHostRules rules)
      : host_(host), store_(store), accounts_(accounts), rules_(std::move(rules)) {}

  /// bad_request (private host), tier_limit.
  AsyncResult<body::SavedProxy> create(const Call& call, body::ProxyCreate wanted, IdempotencyRecord* record);
  AsyncResult<body::SavedProxies> list(const Call& call);
  /// not_found, bad_request (private host), conflict (revision).
  AsyncResult<body::SavedProxy> edit(const Call& call, Uuid id, body::ProxyEdit wanted);
  AsyncResult<> remove(const Call& call, Uuid id);

 private:
  Result<std::string> seal(const Uuid& account, const Uuid& proxy, const std::string& password);

  Host& host_;
  SavedProxyStore& store_;
  const AccountDirectory& accounts_;
  const ProxyHostRules rules_;
};

}  // namespace driftstack::sessions

#include "proxies/proxy_routes.hpp"

#include <utility>

namespace driftstack::sessions {
namespace {

Result<Uuid> proxy_in_path(const Request& request) {
  const auto id = Uuid::from_text(request.parameter("id"));
  if (!id) return no_such_proxy();
  return *id;
}

}  // namespace

void ProxyRoutes::declare(Routes& routes) {
  const ScopeSet owner{Scope::account_owner};

  routes.get("/v1/account/me/proxies", "list_proxies", "Saved proxies of the account, without their passwords.")
      .bearer(owner, TeamAccess::ignored)
      .to<&ProxyRoutes::list>(*this);
  routes.post("/v1/account/me/proxies", "create_proxy", "Save a proxy; its password is sealed and never sent back.")
      .bearer(owner, TeamAccess::ignored)
      .keyed(Idempotency::replay)
      .success(201)
      .to<&ProxyRoutes::create>(*this);
  routes.put("/v1/account/me/proxies/{id}", "update_proxy", "Change what is sent; the rest stays, the password too.")
      .bearer(owner, TeamAccess::ignored)
      .to<&ProxyRoutes::edit>(*this);
  routes.delete_("/v1/account/me/proxies/{id}", "delete_proxy", "Delete a proxy; profiles bound to it become detached.")
      .bearer(owner, TeamAccess::ignored)
      .to<&ProxyRoutes::remove>(*this);
  routes.post("/v1/account/me/proxies/{id}/test", "test_proxy", "Try a proxy: connect, sign in, and one real request through it.")
      .bearer(owner, TeamAccess::ignored)
      .to<&ProxyRoutes::test>(*this);
}

AsyncResult<body::SavedProxies> ProxyRoutes::list(const Call& call, const Request&) { co_return co_await proxies_.list(call); }

AsyncResult<body::SavedProxy> ProxyRoutes::create(const Call& call, const Request& request, body::ProxyCreate body) {
  co_return co_await proxies_.create(call, std::move(body), request.idempotency);
}

AsyncResult<body::SavedProxy> ProxyRoutes::edit(const Call& call, const Request& request, body::ProxyEdit body) {
  const auto id = proxy_in_path(request);
  if (!id) co_return id.error();
  co_return co_await proxies_.edit(call, *id, std::move(body));
}

AsyncResult<> ProxyRoutes::remove(const Call& call, const Request& request) {
  const auto id = proxy_in_path(request);
  if (!id) co_return id.error();
  co_return co_await proxies_.remove(call, *id);
}

AsyncResult<body::ProxyTest> ProxyRoutes::test(const Call& call, const Request& request) {
  const auto id = proxy_in_path(request);
  if (!id) co_return id.error();
  co_return co_await gate_.test(call, *id);
}

}  // namespace driftstack::sessions

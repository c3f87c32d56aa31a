#include "proxies/saved_proxies.hpp"

#include <utility>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/random_bytes.hpp"

namespace driftstack::sessions {
namespace {

// A PUT body whose password was sealed already.
class Edit final : public SavedProxyEdit {
 public:
  Edit(body::ProxyEdit wanted, std::optional<std::optional<std::string>> sealed, const ProxyHostRules& rules)
      : wanted_(std::move(wanted)), sealed_(std::move(sealed)), rules_(rules) {
    expected_revision = wanted_.expected_revision;
  }

  Result<bool> apply(SavedProxy& proxy) const override {
    if (wanted_.label) proxy.label = *wanted_.label;
    if (wanted_.scheme) proxy.scheme = *wanted_.scheme;
    if (wanted_.host) proxy.host = wanted_.host->text();
    if (wanted_.port) proxy.port = *wanted_.port;
    if (wanted_.username) proxy.username = *wanted_.username;
    if (sealed_) proxy.sealed_password = *sealed_;
    const bool is_moved = wanted_.host || wanted_.port;
    if (is_moved && !rules_.permits(proxy.host, proxy.port)) return private_proxy_host();
    return is_moved || wanted_.label || wanted_.scheme || wanted_.username || sealed_;
  }

 private:
  body::ProxyEdit wanted_;
  std::optional<std::optional<std::string>> sealed_;
  const ProxyHostRules& rules_;
};

}  // namespace

Result<std::string> SavedProxies::seal(const Uuid& account, const Uuid& proxy, const std::string& password) {
  auto sealed = host_.secrets().seal(password_place(account, proxy), password);
  if (!sealed) return std::move(sealed).error();
  return base64_encode(*sealed);
}

AsyncResult<body::SavedProxy> SavedProxies::create(const Call& call, body::ProxyCreate wanted, IdempotencyRecord* record) {
  if (!rules_.permits(wanted.host.text(), wanted.port)) co_return private_proxy_host();
  const Principal& caller = *call.principal();
  SavedProxy proxy;
  proxy.id = random_uuid();
  proxy.account = caller.effective_account;
  proxy.label = std::move(wanted.label);
  proxy.scheme = wanted.scheme;
  proxy.host = wanted.host.text();
  proxy.port = wanted.port;
  proxy.username = std::move(wanted.username);
  if (wanted.password) {
    auto sealed = seal(proxy.account, proxy.id, *wanted.password);
    if (!sealed) co_return std::move(sealed).error();
    proxy.sealed_password = *std::move(sealed);
  }
  proxy.created_at = proxy.updated_at = host_.clock().unix_micros();
  body::SavedProxy shown = body::show(proxy);
  const std::string answer = wire::to_text(shown);
  NewProxy row(std::move(proxy), AuditEntry::by_caller(call, "proxy.created"));
  row.cap = accounts_.caps(caller.effective_tier.view()).saved_proxies;
  row.tier = caller.effective_tier.view();
  auto stored = co_await store_.insert(call, std::move(row), record, answer);
  if (!stored) co_return std::move(stored).error();
  co_return std::move(shown);
}

AsyncResult<body::SavedProxies> SavedProxies::list(const Call& call) {
  const Principal& caller = *call.principal();
  auto rows = co_await store_.list(call, caller.effective_account);
  if (!rows) co_return std::move(rows).error();
  body::SavedProxies shown;
  for (const SavedProxy& row : *rows) shown.data.push_back(body::show(row));
  shown.cap = accounts_.caps(caller.effective_tier.view()).saved_proxies;
  shown.count = static_cast<std::int64_t>(rows->size());
  co_return std::move(shown);
}

AsyncResult<body::SavedProxy> SavedProxies::edit(const Call& call, Uuid id, body::ProxyEdit wanted) {
  const Uuid account = call.principal()->effective_account;
  std::optional<std::optional<std::string>> sealed_password;
  if (wanted.password) {
    sealed_password.emplace();
    if (*wanted.password) {
      auto sealed = seal(account, id, **wanted.password);
      if (!sealed) co_return std::move(sealed).error();
      *sealed_password = *std::move(sealed);
    }
  }
  const Edit edit(std::move(wanted), std::move(sealed_password), rules_);
  AuditEntry updated = AuditEntry::by_caller(call, "proxy.updated");
  auto stored = co_await store_.edit(call, account, id, edit, std::move(updated), host_.clock().unix_micros());
  if (!stored) co_return std::move(stored).error();
  co_return body::show(*stored);
}

AsyncResult<> SavedProxies::remove(const Call& call, Uuid id) {
  AuditEntry deleted = AuditEntry::by_caller(call, "proxy.deleted");
  co_return co_await store_.remove(call, call.principal()->effective_account, id, std::move(deleted), host_.clock().unix_micros());
}

}  // namespace driftstack::sessions

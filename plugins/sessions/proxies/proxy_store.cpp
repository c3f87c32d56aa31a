#include "proxies/proxy_store.hpp"

#include <stdexcept>
#include <utility>

#include "profiles/profile_store.hpp"

namespace driftstack::sessions {
namespace {

#define PROXY_COLUMNS "id, account_id, label, scheme, host, port, username, sealed_password, revision, created_at, updated_at"

// The count is exact because the lock of the account stands before this statement in the transaction.
constinit const db::Statement kInsertUnderCap("INSERT INTO saved_proxies (" PROXY_COLUMNS
                                              ") SELECT $1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9 "
                                              "WHERE (SELECT count(*) FROM saved_proxies WHERE account_id = $2) < $10");
constinit const db::Statement kCount("SELECT count(*) FROM saved_proxies WHERE account_id = $1");
constinit const db::Statement kSelectAll("SELECT " PROXY_COLUMNS
                                         " FROM saved_proxies WHERE account_id = $1 ORDER BY created_at DESC, id DESC");
constinit const db::Statement kSelectOne("SELECT " PROXY_COLUMNS " FROM saved_proxies WHERE id = $1 AND account_id = $2");
constinit const db::Statement kUpdate(
    "UPDATE saved_proxies SET label = $3, scheme = $4, host = $5, port = $6, username = $7, sealed_password = $8, revision = $9, "
    "updated_at = $10 WHERE id = $1 AND account_id = $2");
constinit const db::Statement kDelete("DELETE FROM saved_proxies WHERE id = $1 AND account_id = $2");
constinit const db::Statement kDetachProfiles(
    "UPDATE profiles SET default_proxy_id = NULL, proxy_detached = $3, revision = revision + 1, updated_at = $4 "
    "WHERE default_proxy_id = $1 AND account_id = $2");

Uuid uuid_from_row(std::string_view text) {
  const auto id = Uuid::from_text(text);
  if (!id) throw std::logic_error("saved proxies: a stored id is no UUID");
  return *id;
}

SavedProxy proxy_from_row(const db::Row& row) {
  SavedProxy proxy;
  proxy.id = uuid_from_row(row.text(0));
  proxy.account = uuid_from_row(row.text(1));
  proxy.label = row.text(2);
  proxy.scheme = row.text(3) == name_of(ProxyScheme::http) ? ProxyScheme::http : ProxyScheme::socks5;
  proxy.host = row.text(4);
  proxy.port = row.integer(5);
  proxy.username = row.maybe_text(6);
  proxy.sealed_password = row.maybe_text(7);
  proxy.revision = row.integer(8);
  proxy.created_at = row.integer(9);
  proxy.updated_at = row.integer(10);
  return proxy;
}

AsyncResult<SavedProxy> read_proxy(db::Transaction& tx, const Uuid& account, const Uuid& id) {
  auto rows = co_await tx.run(kSelectOne, db::values(id.to_text(), account.to_text()));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return no_such_proxy();
  co_return proxy_from_row((*rows)[0]);
}

AsyncResult<> log_change(db::Transaction& tx, AuditLog& audit, AuditEntry entry, const SavedProxy& proxy) {
  entry.target = proxy.id.to_text();
  entry.payload = audit_payload(proxy);
  co_return co_await audit.append(tx, std::move(entry));
}

}  // namespace

AsyncResult<> SavedProxyStore::insert(const Call& call, NewProxy wanted, IdempotencyRecord* record, const std::string& answer) {
  const SavedProxy& proxy = wanted.proxy;
  const std::string account = proxy.account.to_text();
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto locked = co_await tx.lock(profiles_lock(proxy.account));
    if (!locked) co_return std::move(locked).error();
    auto values = db::values(proxy.id.to_text(), account, proxy.label, name_of(proxy.scheme), proxy.host, proxy.port, proxy.username,
                             proxy.sealed_password, proxy.created_at, wanted.cap.value_or(INT64_MAX));
    auto inserted = co_await tx.run(kInsertUnderCap, std::move(values));
    if (!inserted) co_return std::move(inserted).error();
    if (inserted->changed() == 0) {
      auto rows = co_await tx.run(kCount, db::values(account));
      if (!rows) co_return std::move(rows).error();
      co_return proxy_cap_reached(*wanted.cap, (*rows)[0].integer(0), wanted.tier);
    }
    auto logged = co_await log_change(tx, audit_, wanted.created, proxy);
    if (!logged) co_return std::move(logged).error();
    if (record == nullptr) co_return Done();
    co_return co_await record->complete(tx, 201, answer, proxy.id.to_text());
  };
  co_return co_await db::transaction(database_, call, body);
}

AsyncResult<std::vector<SavedProxy>> SavedProxyStore::list(const Call& call, const Uuid& account) {
  auto rows = co_await database_.read(call, kSelectAll, db::values(account.to_text()));
  if (!rows) co_return std::move(rows).error();
  std::vector<SavedProxy> proxies;
  for (std::size_t i = 0; i < rows->size(); ++i) proxies.push_back(proxy_from_row((*rows)[i]));
  co_return std::move(proxies);
}

AsyncResult<SavedProxy> SavedProxyStore::find(const Call& call, const Uuid& account, const Uuid& id) {
  auto rows = co_await database_.read(call, kSelectOne, db::values(id.to_text(), account.to_text()));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return no_such_proxy();
  co_return proxy_from_row((*rows)[0]);
}

AsyncResult<SavedProxy> SavedProxyStore::edit(const Call& call, const Uuid& account, const Uuid& id, const SavedProxyEdit& edit,
                                              AuditEntry updated, std::int64_t now) {
  std::optional<SavedProxy> stored;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto locked = co_await tx.lock(profiles_lock(account));
    if (!locked) co_return std::move(locked).error();
    auto found = co_await read_proxy(tx, account, id);
    if (!found) co_return std::move(found).error();
    SavedProxy proxy = *std::move(found);
    stored = proxy;
    if (edit.expected_revision && *edit.expected_revision != proxy.revision) co_return stale_proxy(proxy.revision);
    auto asked = edit.apply(proxy);
    if (!asked) co_return std::move(asked).error();
    if (!*asked) co_return Done();
    ++proxy.revision;
    proxy.updated_at = now;
    auto values = db::values(id.to_text(), account.to_text(), proxy.label, name_of(proxy.scheme), proxy.host, proxy.port, proxy.username,
                             proxy.sealed_password, proxy.revision, proxy.updated_at);
    auto changed = co_await tx.run(kUpdate, std::move(values));
    if (!changed) co_return std::move(changed).error();
    stored = proxy;
    co_return co_await log_change(tx, audit_, updated, proxy);
  };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return std::move(done).error();
  co_return *std::move(stored);
}

AsyncResult<> SavedProxyStore::remove(const Call& call, const Uuid& account, const Uuid& id, AuditEntry deleted, std::int64_t now) {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto locked = co_await tx.lock(profiles_lock(account));
    if (!locked) co_return std::move(locked).error();
    auto found = co_await read_proxy(tx, account, id);
    if (!found) co_return std::move(found).error();
    auto gone = co_await tx.run(kDelete, db::values(id.to_text(), account.to_text()));
    if (!gone) co_return std::move(gone).error();
    auto detached = co_await tx.run(kDetachProfiles, db::values(id.to_text(), account.to_text(), true, now));
    if (!detached) co_return std::move(detached).error();
    co_return co_await log_change(tx, audit_, deleted, *found);
  };
  co_return co_await db::transaction(database_, call, body);
}

}  // namespace driftstack::sessions

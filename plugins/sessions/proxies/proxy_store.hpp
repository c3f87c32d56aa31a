#pragma once
// Rows of the table `saved_proxies`. [io-thread]
//
// Whatever changes them holds the lock of the account's profiles first, so that the cap is exact and no profile binds a proxy that goes.

#include <optional>
#include <string>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/database.hpp"
#include "proxies/saved_proxy.hpp"

namespace driftstack::sessions {

struct NewProxy {
  NewProxy(SavedProxy proxy, AuditEntry created) : proxy(std::move(proxy)), created(std::move(created)) {}
  SavedProxy proxy;
  std::optional<std::int64_t> cap;  ///< of the account's tier
  std::string tier;
  AuditEntry created;
};

/// What an edit does to a saved proxy.
class SavedProxyEdit {
 public:
  /// False when nothing was asked for: then nothing is stored. May be called more than once.
  virtual Result<bool> apply(SavedProxy& proxy) const = 0;
  std::optional<std::int64_t> expected_revision;

 protected:
  ~SavedProxyEdit() = default;
};

class SavedProxyStore {
 public:
  SavedProxyStore(db::Database& database, AuditLog& audit) : database_(database), audit_(audit) {}

  /// tier_limit. With `record`, the answer is stored in the same transaction.
  AsyncResult<> insert(const Call& call, NewProxy wanted, IdempotencyRecord* record, const std::string& answer);
  /// All, newest first: their number is capped.
  AsyncResult<std::vector<SavedProxy>> list(const Call& call, const Uuid& account);
  /// not_found.
  AsyncResult<SavedProxy> find(const Call& call, const Uuid& account, const Uuid& id);
  /// not_found, conflict (revision), and what the edit refuses. Answers the row as stored.
  AsyncResult<SavedProxy> edit(const Call& call, const Uuid& account, const Uuid& id, const SavedProxyEdit& edit, AuditEntry updated,
                               std::int64_t now);
  /// Profiles that were bound to it become detached. not_found.
  AsyncResult<> remove(const Call& call, const Uuid& account, const Uuid& id, AuditEntry deleted, std::int64_t now);

 private:
  db::Database& database_;
  AuditLog& audit_;
};

}  // namespace driftstack::sessions

#pragma once
// The web sessions of an account, for its owner to see and end. identity.md 3.3.

#include <vector>

#include "credential_versions.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/task.hpp"
#include "people_store.hpp"

namespace driftstack::identity {

/// Callers come from `call.principal()`, always for their own account. [io-thread]
class WebSessions {
 public:
  struct Parts {
    PeopleStore& store;
    AuditLog& audit;
    Clock& clock;
    CredentialVersions& versions;
  };
  explicit WebSessions(Parts parts) noexcept : parts_(parts) {}

  /// Live ones, most recently used first.
  AsyncResult<std::vector<WebSession>> list(const Call& call);
  /// Idempotent. not_found.
  AsyncResult<> end(const Call& call, Uuid session);
  /// Every one but the caller's; every one when the caller is none.
  AsyncResult<> end_others(const Call& call);

 private:
  Parts parts_;
};

}  // namespace driftstack::identity

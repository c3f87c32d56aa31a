#pragma once
// The end of an account. identity.md 10.4, platform.md 13.

#include "credential_versions.hpp"
#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/task.hpp"
#include "people_store.hpp"

namespace driftstack::identity {

/// [io-thread]
class AccountDeletion {
 public:
  struct Parts {
    PeopleStore& store;
    AuditLog& audit;
    Clock& clock;
    CredentialVersions& versions;
    Host& host;  ///< asked for the SecondFactor at each use
  };
  explicit AccountDeletion(Parts parts) noexcept : parts_(parts) {}

  /// Deletes the caller's account: its keys, sessions and links stop, its address is free again, what names the person is gone. The row
  /// itself stays, so that the audit log has an account.
  AsyncResult<> delete_own(const Call& call);

 private:
  Parts parts_;
};

}  // namespace driftstack::identity

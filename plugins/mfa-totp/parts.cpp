#include "parts.hpp"

#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/roles/sign_in_desk.hpp"
#include "driftstack/roles/slow_hash.hpp"

namespace driftstack::mfa_totp {

Parts::Parts(Host& host, const SeedVault& vault)
    : store(*host.find<db::Database>()),
      recovery(*host.find<SlowHash>()),
      check({recovery, vault, *host.find<SignInDesk>(), *host.find<AuditLog>()}),
      challenges({store, check, *host.find<SignInDesk>(), host.clock()}),
      enrolment({store, recovery, vault, challenges, *host.find<SignInDesk>(), *host.find<AuditLog>(), host.clock(),
                 host.settings().text("issuer")}),
      operations(enrolment, challenges) {
  operations.declare(routes);
}

}  // namespace driftstack::mfa_totp

#include "kernel/plugins/roles.hpp"

#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/authenticator.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/roles/machine_check.hpp"
#include "driftstack/roles/mailer.hpp"
#include "driftstack/roles/object_store.hpp"
#include "driftstack/roles/rate_limiter.hpp"

namespace driftstack::kernel {
namespace {

template <typename Interface>
InterfaceName name_of() {
  return {std::string(Interface::kId.name), Interface::kId.revision};
}

}  // namespace

std::vector<Role> known_roles() {
  return {
      {"database", name_of<db::Database>(), "database-sqlite", "Keeps all data."},
      {"authenticator", name_of<Authenticator>(), "identity", "Tells who calls."},
      {"rate_limiter", name_of<RateLimiter>(), "rate-limit-memory", "Limits how often one may call."},
      {"audit_log", name_of<AuditLog>(), "audit", "Keeps the record of what was done."},
      {"browser_backend", name_of<browser::Backend>(), "browser-webkit", "Runs the browsers."},
      {"object_store", name_of<objects::Store>(), "storage-files", "Keeps objects of other plugins."},
      {"mailer", name_of<mail::Mailer>(), "mail-outbox", "Carries mails to people."},
  };
}

std::vector<RoleDescription> role_descriptions(const std::vector<Role>& roles) {
  std::vector<RoleDescription> out;
  for (const Role& role : roles) out.push_back({role.key, role.default_plugin, role.doc});
  return out;
}

bool has_many_providers(const std::string& interface_name) {
  return interface_name == RouteSource::kId.name || interface_name == HealthCheck::kId.name || interface_name == MachineCheck::kId.name;
}

}  // namespace driftstack::kernel

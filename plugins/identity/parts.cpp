#include "parts.hpp"

#include <algorithm>
#include <thread>

#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/database.hpp"

namespace driftstack::identity {
namespace {

HashingPool::Limits pool_limits(const Settings& settings) {
  const std::int64_t cores = std::max<std::int64_t>(1, std::thread::hardware_concurrency());
  const std::int64_t asked = settings.integer("hashing_threads");
  const std::int64_t threads = asked == 0 ? cores : std::min(asked, cores);
  return {static_cast<std::uint32_t>(threads), static_cast<std::size_t>(settings.integer("hashing_queue"))};
}

}  // namespace

Parts::Parts(Host& host, const Tiers& tiers)
    : store(*host.find<db::Database>()),
      outcomes(host.metrics()),
      verified(static_cast<std::size_t>(host.settings().integer("verified_keys"))),
      pool(host.scheduler(), pool_limits(host.settings())),
      digests(host.secrets(), pool),
      gate(host.settings().boolean("api_access_gate") ? ApiAccessGate::closed : ApiAccessGate::open),
      verifier({store, digests, host.clock(), verified, versions, tiers, outcomes, gate}),
      watch({host, store, versions, verified, host.settings().duration("change_poll")}),
      keys({store, digests, *host.find<AuditLog>(), host.clock(), versions, tiers, gate}),
      operator_keys({store, keys, *host.find<AuditLog>(), host.clock(), host.settings().text("bootstrap_email")}),
      accounts({store, host, tiers}),
      operations({keys, accounts, host}) {
  operations.declare(routes);
}

}  // namespace driftstack::identity

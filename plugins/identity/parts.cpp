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

std::string site_of(const Host& host) {
  if (!host.settings().has("site_url")) return host.public_url();
  std::string site = host.settings().text("site_url");
  while (site.ends_with('/')) site.pop_back();
  return site;
}

Delivery delivery_of(const Settings& settings) { return settings.text("email_delivery_mode") == "stub" ? Delivery::stub : Delivery::live; }

}  // namespace

Parts::Parts(Host& host, const Tiers& tiers)
    : store(*host.find<db::Database>()),
      people(*host.find<db::Database>()),
      mails(*host.find<db::Database>()),
      team_store(*host.find<db::Database>()),
      standings(team_store, host.clock()),
      outcomes(host.metrics()),
      verified(static_cast<std::size_t>(host.settings().integer("verified_keys"))),
      verified_sessions(static_cast<std::size_t>(host.settings().integer("verified_keys"))),
      pool(host.scheduler(), pool_limits(host.settings())),
      digests(host.secrets(), pool),
      gate(host.settings().boolean("api_access_gate") ? ApiAccessGate::closed : ApiAccessGate::open),
      verifier({store, digests, host.clock(), verified, versions, tiers, outcomes, gate}),
      session_verifier({people, host.clock(), verified_sessions, versions, outcomes}),
      watch({host, store, versions, verified, verified_sessions, people, team_store, host.settings().duration("change_poll")}),
      seal(host.secrets()),
      mail_worker({host, mails, seal, delivery_of(host.settings()), host.settings().duration("mail_poll")}),
      link_mails(seal, site_of(host)),
      passwords(pool, host.secrets()),
      sign_up({people, passwords, link_mails, host.clock()}),
      sign_in({people, passwords, link_mails, *host.find<AuditLog>(), host.clock(), versions, host}),
      web_sessions({people, *host.find<AuditLog>(), host.clock(), versions}),
      mail_choices({mails, *host.find<db::Database>(), *host.find<AuditLog>()}),
      deletion({people, *host.find<AuditLog>(), host.clock(), versions, host}),
      teams({team_store, store, link_mails, *host.find<AuditLog>(), host.clock(), versions, tiers}),
      step_up({people, host.clock(), host}),
      sign_in_counter({store, people, link_mails, *host.find<AuditLog>()}),
      shared_hash(pool),
      keys({store, digests, *host.find<AuditLog>(), host.clock(), versions, tiers, gate}),
      operator_keys({store, keys, *host.find<AuditLog>(), host.clock(), host.settings().text("bootstrap_email")}),
      accounts({store, team_store, host, tiers}),
      operations({keys, accounts, host}),
      people_operations({sign_up, sign_in, web_sessions, mail_choices, deletion,
                         delivery_of(host.settings()) == Delivery::stub ? ShowTokens::yes : ShowTokens::no}),
      team_operations(teams, delivery_of(host.settings()) == Delivery::stub ? ShowTokens::yes : ShowTokens::no) {
  operations.declare(routes);
  people_operations.declare(routes);
  team_operations.declare(routes);
}

}  // namespace driftstack::identity

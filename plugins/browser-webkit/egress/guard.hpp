#pragma once
// The one way out of a session: a SOCKS proxy in the server that resolves a name once, checks every address and dials what it checked.
// A refused target looks like a closed port. Everything is [loop-thread].

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "driftstack/roles/browser_backend.hpp"
#include "driver/loop_thread.hpp"
#include "driver/session_launcher.hpp"
#include "egress/resolver.hpp"
#include "egress/target_rules.hpp"

namespace driftstack::browser_webkit {

class EgressConnection;

/// What the sessions of a server share.
struct Egress {
  Egress(LoopThread& loop, AllowedTargets allowed, std::int64_t most_bytes, Resolver::Lookup lookup = Resolver::system_lookup)
      : loop(loop), allowed(std::move(allowed)), most_bytes(most_bytes), resolver(loop, std::move(lookup)) {}
  /// May this address be dialled for this target?
  bool permits(const EgressTarget& target, const Address& address);

  LoopThread& loop;
  AllowedTargets allowed;
  std::int64_t most_bytes;  ///< of one session in its whole life, both ways together
  OwnAddresses own_addresses;
  Resolver resolver;
};

/// What the customer chose for one session.
struct EgressRules {
  DomainLists domains;
  std::shared_ptr<const browser::Proxy> upstream;  ///< everything goes through it, nothing past it
};

/// The egress of one session. Counts what it moves.
class EgressGuard : public std::enable_shared_from_this<EgressGuard> {
 public:
  /// `listener` is a listening socket, non-blocking, that nobody else holds: it lives in the network namespace of the session.
  EgressGuard(Egress& egress, Descriptor listener);
  ~EgressGuard();
  EgressGuard(const EgressGuard&) = delete;
  EgressGuard& operator=(const EgressGuard&) = delete;

  /// Before the first page: connections that were made already go on.
  void follow(EgressRules rules) { rules_ = std::move(rules); }

  const browser::Traffic& traffic() const { return traffic_; }

 private:
  friend class EgressConnection;
  void accept_all();
  bool is_exhausted() const { return traffic_.bytes_in + traffic_.bytes_out >= egress_.most_bytes; }
  const std::shared_ptr<const browser::Proxy>& upstream() const { return rules_.upstream; }
  /// What is dialled to get there: the proxy, if there is one.
  EgressTarget first_stop(const EgressTarget& target) const;
  /// May a connection to this target be tried at all?
  bool permits(const EgressTarget& target);
  bool permits(const EgressTarget& target, const Address& address);
  /// Asks the resolver; few questions of one session at a time.
  void look_up(std::string host, std::function<void(const Addresses&)> tell);
  void look_up_next();

  Egress& egress_;
  Descriptor listener_;
  EgressRules rules_;
  browser::Traffic traffic_;
  std::set<std::shared_ptr<EgressConnection>> connections_;
  std::size_t lookups_ = 0;  // that run
  std::deque<std::pair<std::string, std::function<void(const Addresses&)>>> waiting_lookups_;
};

}  // namespace driftstack::browser_webkit

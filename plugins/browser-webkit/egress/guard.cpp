#include "egress/guard.hpp"

#include <sys/socket.h>

#include "driftstack/support/public_address.hpp"
#include "egress/connection.hpp"

namespace driftstack::browser_webkit {
namespace {
// The engine opens at most six to a host and a few dozen in all; more is an attack on the server's descriptors.
constexpr std::size_t kMostConnections = 256;
constexpr std::size_t kMostLookups = 4;
constexpr int kMostAcceptedPerTurn = 16;  // then the loop serves others
}  // namespace

EgressGuard::EgressGuard(Egress& egress, Descriptor listener) : egress_(egress), listener_(std::move(listener)) {
  egress_.loop.watch(listener_.get(), [this] { accept_all(); });
}

EgressGuard::~EgressGuard() {
  egress_.loop.unwatch(listener_.get());
  for (const std::shared_ptr<EgressConnection>& connection : connections_) connection->close();
}

void EgressGuard::accept_all() {
  for (int i = 0; i < kMostAcceptedPerTurn; ++i) {
    Descriptor client(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!client) return;
    if (connections_.size() >= kMostConnections || is_exhausted()) {
      ++traffic_.refused;
      continue;
    }
    const auto connection = std::make_shared<EgressConnection>(*this, std::move(client));
    connections_.insert(connection);
    connection->begin();
  }
}

bool Egress::permits(const EgressTarget& target, const Address& address) {
  if (allowed.contains(target)) return true;
  return is_public_address(address) && !own_addresses.contains(address);
}

EgressTarget EgressGuard::first_stop(const EgressTarget& target) const {
  if (!rules_.upstream) return target;
  return EgressTarget{rules_.upstream->host, static_cast<std::uint16_t>(rules_.upstream->port)};
}

bool EgressGuard::permits(const EgressTarget& target) {
  if (!rules_.domains.permit(target.host)) return false;
  if (!rules_.upstream || egress_.allowed.contains(target)) return true;
  // Names are the proxy's to resolve; what is an inside address by its very text does not get there either.
  if (names_this_machine(target.host)) return false;
  const std::optional<Address> literal = parse_any_address(target.host);
  return !literal || egress_.permits(target, *literal);
}

bool EgressGuard::permits(const EgressTarget& target, const Address& address) { return egress_.permits(target, address); }

void EgressGuard::look_up(std::string host, std::function<void(const Addresses&)> tell) {
  waiting_lookups_.emplace_back(std::move(host), std::move(tell));
  look_up_next();
}

void EgressGuard::look_up_next() {
  if (waiting_lookups_.empty() || lookups_ >= kMostLookups) return;
  auto [host, tell] = std::move(waiting_lookups_.front());
  waiting_lookups_.pop_front();
  ++lookups_;
  egress_.resolver.resolve(std::move(host), [weak = weak_from_this(), tell = std::move(tell)](const Addresses& addresses) {
    const std::shared_ptr<EgressGuard> self = weak.lock();
    if (!self) return;
    --self->lookups_;
    tell(addresses);
    self->look_up_next();
  });
}

}  // namespace driftstack::browser_webkit

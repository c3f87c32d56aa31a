#include "egress/target_rules.hpp"

#include <ifaddrs.h>

#include <algorithm>

#include "protocol/url_target.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::seconds kOwnAddressesStayFresh{5};

bool is_in_domain(std::string_view host, std::string_view domain) {
  if (!host.ends_with(domain)) return false;
  host.remove_suffix(domain.size());
  return host.empty() || host.ends_with('.');
}

}  // namespace

bool names_this_machine(std::string_view host) { return is_in_domain(host, "localhost"); }

std::optional<AllowedTargets> AllowedTargets::make(const std::vector<std::string>& entries) {
  AllowedTargets allowed;
  for (const std::string& entry : entries) {
    const std::optional<UrlTarget> target = parse_host_and_port(entry);
    if (!target) return std::nullopt;
    allowed.targets_.emplace(target->host, target->port);
  }
  return allowed;
}

bool AllowedTargets::contains(const EgressTarget& target) const { return targets_.contains({target.host, target.port}); }

bool DomainLists::permit(std::string_view host) const {
  const auto fits = [host](const std::string& domain) { return is_in_domain(host, domain); };
  if (std::any_of(blocked.begin(), blocked.end(), fits)) return false;
  return allowed.empty() || std::any_of(allowed.begin(), allowed.end(), fits);
}

bool OwnAddresses::contains(const Address& address) {
  const auto now = std::chrono::steady_clock::now();
  if (!read_at_ || now - *read_at_ > kOwnAddressesStayFresh) {
    read_at_ = now;
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) == 0) addresses_.clear();
    for (const ifaddrs* at = all; at != nullptr; at = at->ifa_next) {
      const std::optional<Address> own = at->ifa_addr == nullptr ? std::nullopt : address_of(*at->ifa_addr);
      if (own) addresses_.insert(*own);
    }
    freeifaddrs(all);
  }
  return addresses_.contains(address);
}

}  // namespace driftstack::browser_webkit

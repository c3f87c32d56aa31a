#pragma once
// Which targets a session may reach. The rules about addresses themselves: driftstack/support/public_address.hpp.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "egress/address.hpp"

namespace driftstack::browser_webkit {

/// Where a connection is to go.
struct EgressTarget {
  std::string host;  ///< name in lower case without a dot at its end, or literal address without brackets
  std::uint16_t port = 0;
};

/// `localhost` and everything below it (RFC 6761 section 6.3).
bool names_this_machine(std::string_view host);

/// The `host:port` pairs that the operator opened: they may be private.
class AllowedTargets {
 public:
  /// Nothing when an entry is no `host:port`.
  static std::optional<AllowedTargets> make(const std::vector<std::string>& entries);
  /// The operator named this very host and port.
  bool contains(const EgressTarget& target) const;

 private:
  std::set<std::pair<std::string, std::uint16_t>> targets_;
};

/// What the customer narrowed a session to. Each name stands for itself and its subdomains; a block wins.
struct DomainLists {
  std::vector<std::string> allowed;  ///< empty: all
  std::vector<std::string> blocked;
  bool permit(std::string_view host) const;
};

/// The addresses of this machine's own interfaces, read again when they are older than a few seconds. [loop-thread]
class OwnAddresses {
 public:
  bool contains(const Address& address);

 private:
  std::set<Address> addresses_;
  std::optional<std::chrono::steady_clock::time_point> read_at_;
};

}  // namespace driftstack::browser_webkit

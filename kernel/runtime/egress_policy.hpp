#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/result.hpp"

namespace driftstack::kernel {

/// Where a plugin may call to: what its manifest declares under `[egress]` and what the operator lists.
struct EgressPolicy {
  /// `api.example.com`, `*.example.com` (any depth below, not itself) or `*` (any public host).
  std::vector<std::string> hosts;
  /// `host:port` pairs that the operator listed: plain http and non-public addresses are allowed for exactly these.
  std::vector<std::string> private_targets;
};

/// A URL that passed the policy.
struct EgressTarget {
  bool listed = false;  ///< one of private_targets: the address is not checked, http is allowed
};

/// Errc::forbidden for a target outside the policy, Errc::bad_request for text that is no absolute http(s) URL or that holds user info. The
/// text never repeats the URL: it may carry a secret.
Result<EgressTarget> check_egress(const EgressPolicy& policy, const std::string& url);

}  // namespace driftstack::kernel

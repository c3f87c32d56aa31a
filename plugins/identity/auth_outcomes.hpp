#pragma once
// driftstack_auth_total{outcome}: one counter per way in which a check of a credential can end. platform.md 10.3.

#include "driftstack/host.hpp"
#include "driftstack/principal.hpp"
#include "driftstack/result.hpp"

namespace driftstack::identity {

/// [any-thread]
class AuthOutcomes {
 public:
  explicit AuthOutcomes(Metrics& metrics);
  void count(const Result<Principal>& outcome) noexcept;

 private:
  Counter& refusals(Errc code) noexcept;

  Counter& ok_;
  Counter& unauthorized_;
  Counter& invalid_;
  Counter& revoked_;
  Counter& expired_;
  Counter& forbidden_;
  Counter& error_;
};

}  // namespace driftstack::identity

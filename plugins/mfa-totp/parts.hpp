#pragma once
// The parts of this plugin, wired.

#include "challenges.hpp"
#include "driftstack/host.hpp"
#include "driftstack/support/routes.hpp"
#include "enrolment.hpp"
#include "proof_check.hpp"
#include "recovery_codes.hpp"
#include "routes.hpp"
#include "seed_vault.hpp"
#include "store.hpp"

namespace driftstack::mfa_totp {

/// Everything that needs the required interfaces, in the order in which it is made.
class Parts {
 public:
  /// `vault` has its keys.
  Parts(Host& host, const SeedVault& vault);

  Store store;
  RecoveryCodes recovery;
  ProofCheck check;
  Challenges challenges;
  Enrolment enrolment;
  Operations operations;
  Routes routes{"Second factor"};
};

}  // namespace driftstack::mfa_totp

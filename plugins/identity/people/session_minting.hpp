#pragma once
// Web sessions that are about to be.

#include <cstdint>
#include <string>
#include <variant>

#include "driftstack/call.hpp"
#include "driftstack/roles/second_factor.hpp"
#include "person.hpp"

namespace driftstack::identity {

/// What whoever signed in gets; the only copy of the token.
struct SignedIn {
  std::string token;
  std::int64_t expires_at = 0;
  Uuid account;
};

/// Where a right first factor leads: in, or to the second one.
using SignInOutcome = std::variant<SignedIn, SignInChallenge>;

/// A session that exists nowhere yet.
struct NewSession {
  WebSession row;
  SignedIn answer;
};

/// For the device that makes this call.
NewSession new_session(const Call& call, const Uuid& account, std::int64_t now);
/// The one that follows another on the same device; a second factor stays as fresh as it was.
NewSession next_session(const WebSession& before, std::int64_t now);

}  // namespace driftstack::identity

#pragma once
// Interface CallerStanding: does what opened a long answer still hold?

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/principal.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {

/// For streams and other answers that outlive the check of their request. Ask before each piece that is sent; without a plugin that
/// provides it nothing ends early. Provided by `identity`.
class CallerStanding {
 public:
  static constexpr InterfaceId kId{"caller.standing", 1};

  /// Is the credential neither revoked nor expired, the account active, and the caller still on the team that it acts for? Looks into the
  /// store, so that news from other servers count. [io-thread]
  virtual AsyncResult<bool> holds(const Call& call, const Principal& caller) = 0;

 protected:
  ~CallerStanding() = default;
};

}  // namespace v1
}  // namespace driftstack

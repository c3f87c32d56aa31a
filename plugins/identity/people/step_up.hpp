#pragma once
// Whether a web session showed a second factor lately. identity.md 4.6.

#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"
#include "people_store.hpp"

namespace driftstack::identity {

inline constexpr std::int64_t kFactorFreshness = 15 * kMinuteMicros;  // identity.md 4.1

/// [io-thread]
class StepUp {
 public:
  struct Parts {
    PeopleStore& store;
    Clock& clock;
    Host& host;  ///< asked for the SecondFactor at each use
  };
  explicit StepUp(Parts parts) noexcept : parts_(parts) {}

  /// mfa_step_up_required, with the reason; ok for every other kind of credential.
  AsyncResult<> check(const Call& call);

 private:
  Parts parts_;
};

}  // namespace driftstack::identity

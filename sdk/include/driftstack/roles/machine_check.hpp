#pragma once
// What a plugin needs of the machine, found out by doing it: `driftstack doctor` starts the plugins that provide this and asks each. Any
// number of plugins may. Not asked by GET /ready (that is HealthCheck).

#include <string_view>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {

class MachineCheck {
 public:
  static constexpr InterfaceId kId{"machine.check", 1};

  /// What is checked, in a few words: `sandbox of sessions`.
  virtual std::string_view name() const noexcept = 0;
  /// Finds out by doing it; may take seconds. [io-thread]
  virtual AsyncResult<> check(const Call& call) = 0;

 protected:
  ~MachineCheck() = default;
};

}  // namespace v1
}  // namespace driftstack

#pragma once
// One bounded place for slow hashes, so that all plugins together take no more processor and memory than the operator allowed.

#include <array>
#include <cstdint>
#include <string>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {

/// Implemented by `identity`.
class SlowHash {
 public:
  static constexpr InterfaceId kId{"slow.hash", 1};
  using Salt = std::array<std::uint8_t, 16>;

  /// scrypt (RFC 7914) with N = 32768, r = 8, p = 1 and 32 bytes (identity.md 1.4): about 90 ms and 32 MiB on a thread of its own. `secret`
  /// is wiped. Errc::feature_unavailable with a retry time when too many wait. Not inside of a transaction. [io-thread]
  virtual AsyncResult<Digest> derive(const Call& call, std::string secret, const Salt& salt) = 0;

 protected:
  ~SlowHash() = default;
};

}  // namespace v1
}  // namespace driftstack

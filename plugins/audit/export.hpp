#pragma once
// The whole log as one file. platform.md 11.4.

#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/task.hpp"
#include "store.hpp"
#include "wire.hpp"

namespace driftstack::audit {

inline constexpr std::int64_t kMostExportedRows = 10'000;                // platform.md 11.4
inline constexpr std::size_t kMostExportedBytes = std::size_t{8} << 20;  // platform.md 11.4: what clients read at most

/// Writes the newest entries of the caller's effective account. [io-thread]
class Export {
 public:
  Export(Store& store, Clock& clock) noexcept : store_(store), clock_(clock) {}
  AsyncResult<Response> write(const Call& call, ExportQuery query);

 private:
  Store& store_;
  Clock& clock_;
};

}  // namespace driftstack::audit

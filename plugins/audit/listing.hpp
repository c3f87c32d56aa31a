#pragma once
// Pages of one account's log. platform.md 11.3.

#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/support/page.hpp"
#include "driftstack/task.hpp"
#include "redaction.hpp"
#include "store.hpp"
#include "wire.hpp"

namespace driftstack::audit {

/// Reads the log of the caller's effective account. [io-thread]
class Listing {
 public:
  Listing(Store& store, Secrets& secrets) noexcept : store_(store), secrets_(secrets) {}

  /// validation_failed: the cursor is not one of this list with these filters.
  AsyncResult<Page<EntryView>> page(const Call& call, ListQuery query);

 private:
  CursorMac mac(std::string_view message) const;

  Store& store_;
  Secrets& secrets_;
};

/// Whose eyes these are.
Reader reader_of(const Principal& caller) noexcept;

/// The place before the newest entry that a filter on time lets through.
CursorPosition newest_position(const std::optional<TimeBound>& to);
/// The oldest time that it lets through.
std::int64_t oldest_time(const std::optional<TimeBound>& from) noexcept;

}  // namespace driftstack::audit

#pragma once
// What of an entry its reader may see. platform.md 11.1.

#include "entry.hpp"
#include "wire.hpp"

namespace driftstack::audit {

/// Whose log is read: the caller's own, or that of an account that the caller acts for.
enum class Reader : std::uint8_t { owner, team_member };

/// The entry as it is shown. Addresses and user agents are shown only to the owner of the log, and only of what the owner's own account
/// did.
EntryView view_of(const StoredEntry& stored, Reader reader);

}  // namespace driftstack::audit

#pragma once
// The processes of a session, as /proc shows them: the way to find and to weigh a tree where no namespace or control group does it.
// [any-thread]

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace driftstack::browser_webkit {

/// The process and its descendants, parents first.
std::vector<pid_t> descendants_of(pid_t root);

/// Every process of the login session that `leader` began (setsid), also those whose parents are gone.
std::vector<pid_t> members_of_session(pid_t leader);

/// False for a process that is gone or only waits to be reaped.
bool is_running(pid_t pid);

/// Memory of these processes together in bytes; gone processes count nothing. `upper` counts shared pages fully (resident set) and is
/// cheap; `fair` counts them by share (PSS), which walks page tables: ask for it only when the upper bound is over a limit.
enum class Weighing : std::uint8_t { upper, fair };
std::int64_t memory_of(const std::vector<pid_t>& processes, Weighing weighing);

}  // namespace driftstack::browser_webkit

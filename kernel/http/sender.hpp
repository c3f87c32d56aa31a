#pragma once

#include <cstdint>
#include <string_view>

#include "driftstack/task.hpp"
#include "kernel/http/phase_timer.hpp"
#include "kernel/http/transport.hpp"

namespace driftstack::kernel {

/// Sends all of `first` and `second`; false when the connection broke or the client took nothing for `patience`. Adds what was sent to
/// `sent`. The texts must stay until the task ends. [io-thread]
Task<bool> send_all(Transport& transport, PhaseTimer& timer, std::chrono::milliseconds patience, std::string_view first,
                    std::string_view second, std::uint64_t& sent);

}  // namespace driftstack::kernel

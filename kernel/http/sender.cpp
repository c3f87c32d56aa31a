#include "kernel/http/sender.hpp"

#include <algorithm>

namespace driftstack::kernel {

Task<bool> send_all(Transport& transport, PhaseTimer& timer, std::chrono::milliseconds patience, std::string_view first,
                    std::string_view second, std::uint64_t& sent) {
  for (;;) {
    const auto taken = transport.send_now(first, second);
    if (!taken) co_return false;
    sent += *taken;
    const std::size_t of_first = std::min(*taken, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(*taken - of_first);
    if (first.empty() && second.empty()) co_return true;
    // Any progress starts the patience anew; none within it ends the connection.
    timer.limit(Deadline::Clock::now() + patience);
    const std::size_t writable = co_await transport.wait_writable();
    if (writable == 0 || timer.expired()) co_return false;
  }
}

}  // namespace driftstack::kernel

#pragma once

#include <memory>

#include "driftstack/host.hpp"

namespace boost::asio {
class io_context;
}

namespace driftstack::kernel {

/// Watches a descriptor that belongs to somebody else; the implementation of Scheduler::watch. [io-thread of the context]
std::unique_ptr<Watch> watch_descriptor(boost::asio::io_context& context, int descriptor, ReadinessHandler& handler);

}  // namespace driftstack::kernel

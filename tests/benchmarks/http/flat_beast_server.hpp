#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace driftstack::benchmarks {

/// The yardstick: the least that an HTTP server on Asio and Beast can do. Plain socket, header-only parse, one write of a constant answer.
/// Serves on this thread and does not return; tells its port first.
void serve_flat(std::string_view body, const std::function<void(std::uint16_t)>& listening);

}  // namespace driftstack::benchmarks

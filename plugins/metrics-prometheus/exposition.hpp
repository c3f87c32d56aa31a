#pragma once

#include <string>

#include "driftstack/host.hpp"

namespace driftstack::metrics_prometheus {

/// Content type of the text below.
inline constexpr char kContentType[] = "text/plain; version=0.0.4; charset=utf-8";

/// All metrics in the Prometheus text format 0.0.4: `# HELP` and `# TYPE` once per name, then its samples. [any-thread]
std::string exposition(const Metrics& metrics);

}  // namespace driftstack::metrics_prometheus

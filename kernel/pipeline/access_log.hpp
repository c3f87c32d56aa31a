#pragma once
// One line and one count per request.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"
#include "kernel/pipeline/exchange.hpp"
#include "kernel/pipeline/route_table.hpp"

namespace driftstack::kernel {

class AccessLog {
 public:
  AccessLog(Log& log, Metrics& metrics, Clock& clock);

  /// Makes the counters of all routes, so that counting is a look-up of a constant table. Once, before the first request.
  void prepare(const std::vector<const Route*>& routes);
  /// Writes the line and counts. [io-thread]
  void record(const Exchange& exchange, std::uint64_t bytes_sent) noexcept;

 private:
  struct Counters {
    Counter* by_class[6] = {};
    std::string name;
  };
  Counters make_counters(std::string_view method, std::string_view route_template, bool websocket);

  Log& log_;
  Metrics& metrics_;
  Clock& clock_;
  std::map<const Route*, Counters> by_route_;
  Counters unmatched_;
};

}  // namespace driftstack::kernel

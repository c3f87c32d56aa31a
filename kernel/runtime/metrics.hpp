#pragma once

#include <memory>

#include "driftstack/host.hpp"

namespace driftstack::kernel {

/// The registry of metrics. Counters and histograms are split over cache lines, one picked per thread, so that io threads do not slow each
/// other down; reading adds the parts up. [any-thread]
class MetricRegistry final : public Metrics {
 public:
  MetricRegistry();
  ~MetricRegistry();
  MetricRegistry(const MetricRegistry&) = delete;
  MetricRegistry& operator=(const MetricRegistry&) = delete;

  /// The same name with another type, or a histogram with other bounds, is a bug and throws std::logic_error.
  Counter& counter(std::string_view name, std::string_view help, std::vector<Label> labels) override;
  Gauge& gauge(std::string_view name, std::string_view help, std::vector<Label> labels) override;
  Histogram& histogram(std::string_view name, std::string_view help, std::vector<Label> labels, std::vector<double> bounds) override;
  void collect(MetricVisitor& visitor) const override;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace driftstack::kernel

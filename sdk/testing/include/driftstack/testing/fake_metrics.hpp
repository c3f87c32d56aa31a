#pragma once
// An in-memory metrics registry with look-up.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"

namespace driftstack::testing {

/// [any-thread]. Creating one name as two types throws std::logic_error.
class FakeMetrics final : public Metrics {
 public:
  FakeMetrics();
  ~FakeMetrics();
  FakeMetrics(const FakeMetrics&) = delete;
  FakeMetrics& operator=(const FakeMetrics&) = delete;

  Counter& counter(std::string_view name, std::string_view help, std::vector<Label> labels) override;
  Gauge& gauge(std::string_view name, std::string_view help, std::vector<Label> labels) override;
  Histogram& histogram(std::string_view name, std::string_view help, std::vector<Label> labels, std::vector<double> bounds) override;
  void collect(MetricVisitor& visitor) const override;

  /// Value of a counter or gauge, sum of a histogram; 0 when there is none. The order of the labels does not matter.
  double value(std::string_view name, const std::vector<Label>& labels = {}) const;
  /// Observations of a histogram; 0 when there is none.
  std::uint64_t observations(std::string_view name, const std::vector<Label>& labels = {}) const;
  bool exists(std::string_view name, const std::vector<Label>& labels = {}) const;

 private:
  struct Series;
  struct Family;
  Series& find_or_add(std::string_view name, std::string_view help, std::string_view type, std::vector<Label> labels,
                      std::vector<double> bounds);
  const Series* find(std::string_view name, const std::vector<Label>& labels) const;

  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>, std::less<>> families_;
};

}  // namespace driftstack::testing

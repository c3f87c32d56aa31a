#include "driftstack/testing/fake_metrics.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>

namespace driftstack::testing {

/// One set of labels: all three kinds of metric in one, so that the registry needs no casts.
struct FakeMetrics::Series final : Counter, Gauge, Histogram {
  void add(std::uint64_t amount) noexcept override { count.fetch_add(static_cast<std::int64_t>(amount)); }
  void set(std::int64_t value) noexcept override { count.store(value); }
  void add(std::int64_t amount) noexcept override { count.fetch_add(amount); }
  void observe(double value) noexcept override {
    const std::lock_guard lock(mutex);
    sum += value;
    for (std::size_t i = 0; i < bounds.size(); ++i)
      if (value <= bounds[i]) ++buckets[i];
    ++buckets.back();
  }

  std::vector<Label> labels;
  std::atomic<std::int64_t> count{0};
  mutable std::mutex mutex;  // the members below
  double sum = 0;
  std::vector<double> bounds;
  std::vector<std::uint64_t> buckets;
};

struct FakeMetrics::Family {
  std::string help;
  std::string type;
  std::map<std::vector<std::pair<std::string, std::string>>, std::unique_ptr<Series>> series;
};

namespace {

std::vector<std::pair<std::string, std::string>> key_of(const std::vector<Label>& labels) {
  std::vector<std::pair<std::string, std::string>> key;
  for (const auto& label : labels) key.emplace_back(label.name, label.value);
  std::sort(key.begin(), key.end());
  return key;
}

}  // namespace

FakeMetrics::FakeMetrics() = default;
FakeMetrics::~FakeMetrics() = default;

Counter& FakeMetrics::counter(std::string_view name, std::string_view help, std::vector<Label> labels) {
  return find_or_add(name, help, "counter", std::move(labels), {});
}
Gauge& FakeMetrics::gauge(std::string_view name, std::string_view help, std::vector<Label> labels) {
  return find_or_add(name, help, "gauge", std::move(labels), {});
}
Histogram& FakeMetrics::histogram(std::string_view name, std::string_view help, std::vector<Label> labels, std::vector<double> bounds) {
  return find_or_add(name, help, "histogram", std::move(labels), std::move(bounds));
}

FakeMetrics::Series& FakeMetrics::find_or_add(std::string_view name, std::string_view help, std::string_view type,
                                              std::vector<Label> labels, std::vector<double> bounds) {
  const std::lock_guard lock(mutex_);
  auto& family = families_[std::string(name)];
  if (!family) {
    family = std::make_unique<Family>();
    family->help = help;
    family->type = type;
  }
  if (family->type != type) throw std::logic_error("metric " + std::string(name) + " is already a " + family->type);
  auto& series = family->series[key_of(labels)];
  if (!series) {
    series = std::make_unique<Series>();
    series->labels = std::move(labels);
    series->buckets.resize(bounds.size() + 1);
    series->bounds = std::move(bounds);
  }
  return *series;
}

const FakeMetrics::Series* FakeMetrics::find(std::string_view name, const std::vector<Label>& labels) const {
  const auto family = families_.find(name);
  if (family == families_.end()) return nullptr;
  const auto series = family->second->series.find(key_of(labels));
  return series == family->second->series.end() ? nullptr : series->second.get();
}

void FakeMetrics::collect(MetricVisitor& visitor) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, family] : families_) {
    for (const auto& [key, series] : family->series) {
      const std::lock_guard series_lock(series->mutex);
      MetricSample sample;
      sample.name = name;
      sample.help = family->help;
      sample.type = family->type;
      sample.labels = series->labels;
      sample.value = family->type == "histogram" ? series->sum : static_cast<double>(series->count.load());
      if (family->type == "histogram") {
        sample.bounds = series->bounds;
        sample.bucket_counts = series->buckets;
      }
      visitor.sample(sample);
    }
  }
}

double FakeMetrics::value(std::string_view name, const std::vector<Label>& labels) const {
  const std::lock_guard lock(mutex_);
  const auto* series = find(name, labels);
  if (series == nullptr) return 0;
  const std::lock_guard series_lock(series->mutex);
  return series->sum + static_cast<double>(series->count.load());
}

std::uint64_t FakeMetrics::observations(std::string_view name, const std::vector<Label>& labels) const {
  const std::lock_guard lock(mutex_);
  const auto* series = find(name, labels);
  if (series == nullptr) return 0;
  const std::lock_guard series_lock(series->mutex);
  return series->buckets.back();
}

bool FakeMetrics::exists(std::string_view name, const std::vector<Label>& labels) const {
  const std::lock_guard lock(mutex_);
  return find(name, labels) != nullptr;
}

}  // namespace driftstack::testing

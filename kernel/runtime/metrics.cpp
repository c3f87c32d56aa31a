#include "kernel/runtime/metrics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>

namespace driftstack::kernel {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kShards = 8;  // threads that count at the same time without sharing a line; more than that share

std::size_t shard() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % kShards;
  return mine;
}

class ShardedCounter final : public Counter {
 public:
  void add(std::uint64_t amount) noexcept override { parts_[shard()].count.fetch_add(amount, std::memory_order_relaxed); }
  std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& part : parts_) sum += part.count.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  struct alignas(kCacheLine) Part {
    std::atomic<std::uint64_t> count{0};
  };
  std::array<Part, kShards> parts_;
};

class AtomicGauge final : public Gauge {
 public:
  void set(std::int64_t value) noexcept override { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t amount) noexcept override { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

class ShardedHistogram final : public Histogram {
 public:
  explicit ShardedHistogram(std::vector<double> bounds) : bounds_(std::move(bounds)), parts_(kShards) {
    for (auto& part : parts_) part.counts = std::vector<std::atomic<std::uint64_t>>(bounds_.size() + 1);
  }
  void observe(double value) noexcept override {
    Part& part = parts_[shard()];
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    part.counts[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    part.sum.fetch_add(value, std::memory_order_relaxed);
  }
  const std::vector<double>& bounds() const noexcept { return bounds_; }
  double sum() const noexcept {
    double total = 0;
    for (const auto& part : parts_) total += part.sum.load(std::memory_order_relaxed);
    return total;
  }
  std::vector<std::uint64_t> cumulative() const {
    std::vector<std::uint64_t> counts(bounds_.size() + 1);
    for (const auto& part : parts_)
      for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += part.counts[i].load(std::memory_order_relaxed);
    for (std::size_t i = 1; i < counts.size(); ++i) counts[i] += counts[i - 1];
    return counts;
  }

 private:
  struct alignas(kCacheLine) Part {
    std::vector<std::atomic<std::uint64_t>> counts;
    std::atomic<double> sum{0};
  };
  std::vector<double> bounds_;
  std::vector<Part> parts_;
};

struct Series {
  std::vector<Label> labels;
  std::unique_ptr<ShardedCounter> counter;
  std::unique_ptr<AtomicGauge> gauge;
  std::unique_ptr<ShardedHistogram> histogram;
};

struct Family {
  std::string help;
  std::string_view type;
  std::map<std::string, Series> series;  // by the text of the labels
};

std::string key_of(const std::vector<Label>& labels) {
  std::string key;
  for (const auto& label : labels) key.append(label.name).append(1, '\0').append(label.value).append(1, '\0');
  return key;
}

}  // namespace

struct MetricRegistry::Families {
  Series& series(std::string_view name, std::string_view help, std::string_view type, std::vector<Label> labels) {
    const auto found = by_name.try_emplace(std::string(name), Family{std::string(help), type, {}}).first;
    if (found->second.type != type) throw std::logic_error("metric " + std::string(name) + " has another type already");
    Series& series = found->second.series[key_of(labels)];
    if (series.labels.empty()) series.labels = std::move(labels);
    return series;
  }
  mutable std::shared_mutex mutex;
  std::map<std::string, Family> by_name;
};

MetricRegistry::MetricRegistry() : families_(std::make_unique<Families>()) {}
MetricRegistry::~MetricRegistry() = default;

Counter& MetricRegistry::counter(std::string_view name, std::string_view help, std::vector<Label> labels) {
  const std::unique_lock lock(families_->mutex);
  Series& series = families_->series(name, help, "counter", std::move(labels));
  if (!series.counter) series.counter = std::make_unique<ShardedCounter>();
  return *series.counter;
}

Gauge& MetricRegistry::gauge(std::string_view name, std::string_view help, std::vector<Label> labels) {
  const std::unique_lock lock(families_->mutex);
  Series& series = families_->series(name, help, "gauge", std::move(labels));
  if (!series.gauge) series.gauge = std::make_unique<AtomicGauge>();
  return *series.gauge;
}

Histogram& MetricRegistry::histogram(std::string_view name, std::string_view help, std::vector<Label> labels, std::vector<double> bounds) {
  const std::unique_lock lock(families_->mutex);
  Series& series = families_->series(name, help, "histogram", std::move(labels));
  if (!series.histogram)
    series.histogram = std::make_unique<ShardedHistogram>(std::move(bounds));
  else if (series.histogram->bounds() != bounds)
    throw std::logic_error("histogram " + std::string(name) + " has other bounds already");
  return *series.histogram;
}

void MetricRegistry::collect(MetricVisitor& visitor) const {
  const std::shared_lock lock(families_->mutex);
  for (const auto& [name, family] : families_->by_name) {
    for (const auto& [key, series] : family.series) {
      MetricSample sample;
      sample.name = name;
      sample.help = family.help;
      sample.type = family.type;
      sample.labels = series.labels;
      std::vector<std::uint64_t> counts;
      if (series.counter) sample.value = static_cast<double>(series.counter->total());
      if (series.gauge) sample.value = static_cast<double>(series.gauge->value());
      if (series.histogram) {
        counts = series.histogram->cumulative();
        sample.value = series.histogram->sum();
        sample.bounds = series.histogram->bounds();
        sample.bucket_counts = counts;
      }
      visitor.sample(sample);
    }
  }
}

}  // namespace driftstack::kernel

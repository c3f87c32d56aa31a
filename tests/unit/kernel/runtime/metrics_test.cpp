#include "kernel/runtime/metrics.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace driftstack;
using driftstack::kernel::MetricRegistry;

namespace {

struct Shown final : MetricVisitor {
  void sample(const MetricSample& sample) override {
    std::string text(sample.name);
    for (const auto& label : sample.labels) text += "," + label.name + "=" + label.value;
    text += " " + std::string(sample.type) + " " + std::to_string(static_cast<long>(sample.value));
    for (const auto count : sample.bucket_counts) text += " " + std::to_string(count);
    lines.push_back(text);
  }
  std::vector<std::string> lines;
};

}  // namespace

TEST_CASE("the same name and labels give the same object") {
  MetricRegistry metrics;
  Counter& a = metrics.counter("requests_total", "help", {Label("route", "/a")});
  CHECK(&a == &metrics.counter("requests_total", "help", {Label("route", "/a")}));
  CHECK(&a != &metrics.counter("requests_total", "help", {Label("route", "/b")}));
  CHECK_THROWS_AS(metrics.gauge("requests_total", "help", {}), std::logic_error);
  metrics.histogram("seconds", "help", {}, {1, 2});
  CHECK_THROWS_AS(metrics.histogram("seconds", "help", {}, {1, 3}), std::logic_error);
}

TEST_CASE("counts of several threads add up") {
  MetricRegistry metrics;
  Counter& counter = metrics.counter("a_total", "", {});
  Histogram& histogram = metrics.histogram("h", "", {}, {1, 10});
  std::vector<std::thread> threads;
  for (int t = 0; t < 12; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) counter.add(2);
      histogram.observe(1);  // a bound belongs to its bucket
      histogram.observe(5);
      histogram.observe(100);
    });
  for (auto& thread : threads) thread.join();
  metrics.gauge("g", "", {Label("k", "v")}).set(7);
  metrics.gauge("g", "", {Label("k", "v")}).add(-3);
  Shown shown;
  metrics.collect(shown);
  REQUIRE(shown.lines == std::vector<std::string>{"a_total counter 24000", "g,k=v gauge 4", "h histogram 1272 12 24 36"});
}

#include <catch2/catch.hpp>
#include <limits>

#include "driftstack/testing/fake_metrics.hpp"
#include "exposition.hpp"

namespace driftstack::metrics_prometheus {
namespace {

using testing::FakeMetrics;

TEST_CASE("a name has one HELP and one TYPE above all of its samples") {
  FakeMetrics metrics;
  metrics.counter("driftstack_auth_total", "Checks of credentials.", {Label("outcome", "ok")}).add(3);
  metrics.counter("driftstack_auth_total", "Checks of credentials.", {Label("outcome", "revoked")}).add(1);
  metrics.gauge("driftstack_sessions", "Sessions now.", {}).set(-2);
  CHECK(exposition(metrics) ==
        "# HELP driftstack_auth_total Checks of credentials.\n"
        "# TYPE driftstack_auth_total counter\n"
        "driftstack_auth_total{outcome=\"ok\"} 3\n"
        "driftstack_auth_total{outcome=\"revoked\"} 1\n"
        "# HELP driftstack_sessions Sessions now.\n"
        "# TYPE driftstack_sessions gauge\n"
        "driftstack_sessions -2\n");
}

TEST_CASE("a histogram shows cumulative buckets, the infinite one last, then sum and count") {
  FakeMetrics metrics;
  auto& seconds = metrics.histogram("driftstack_seconds", "Time.", {Label("route", "/v1")}, {0.1, 2.5});
  seconds.observe(0.05);
  seconds.observe(1);
  seconds.observe(10);
  CHECK(exposition(metrics) ==
        "# HELP driftstack_seconds Time.\n"
        "# TYPE driftstack_seconds histogram\n"
        "driftstack_seconds_bucket{route=\"/v1\",le=\"0.1\"} 1\n"
        "driftstack_seconds_bucket{route=\"/v1\",le=\"2.5\"} 2\n"
        "driftstack_seconds_bucket{route=\"/v1\",le=\"+Inf\"} 3\n"
        "driftstack_seconds_sum{route=\"/v1\"} 11.05\n"
        "driftstack_seconds_count{route=\"/v1\"} 3\n");
}

TEST_CASE("what would break a line or a label is escaped") {
  FakeMetrics metrics;
  metrics.counter("c", "one\ntwo \\ \"three\"", {Label("l", "a\"b\\c\nd")}).add(1);
  CHECK(exposition(metrics) ==
        "# HELP c one\\ntwo \\\\ \"three\"\n"
        "# TYPE c counter\n"
        "c{l=\"a\\\"b\\\\c\\nd\"} 1\n");
}

TEST_CASE("numbers that are none have their own words") {
  struct Odd final : Metrics {
    Counter& counter(std::string_view, std::string_view, std::vector<Label>) override { std::abort(); }
    Gauge& gauge(std::string_view, std::string_view, std::vector<Label>) override { std::abort(); }
    Histogram& histogram(std::string_view, std::string_view, std::vector<Label>, std::vector<double>) override { std::abort(); }
    void collect(MetricVisitor& visitor) const override {
      MetricSample sample;
      sample.name = "g";
      sample.type = "gauge";
      for (const double value :
           {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
        sample.value = value;
        visitor.sample(sample);
      }
    }
  };
  CHECK(exposition(Odd()) == "# HELP g \n# TYPE g gauge\ng +Inf\ng -Inf\ng NaN\n");
}

}  // namespace
}  // namespace driftstack::metrics_prometheus

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <stdexcept>

#include "driftstack/testing/fake_host.hpp"

namespace driftstack::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("settings answer by type, and refuse another type and an unknown key") {
  const MapSettings settings({{"file", "a.db"},
                              {"readers", 4},
                              {"share", 0.5},
                              {"busy", 5s},
                              {"on", true},
                              {"hosts", std::vector<std::string>{"a", "b"}},
                              {"tiers", settings_table({{"free", settings_table({{"capacity", 60}})}})}});
  CHECK(settings.text("file") == "a.db");
  CHECK(settings.integer("readers") == 4);
  CHECK(settings.number("readers") == 4.0);
  CHECK(settings.number("share") == 0.5);
  CHECK(settings.duration("busy") == 5s);
  CHECK(settings.boolean("on"));
  CHECK(settings.list("hosts").size() == 2);
  CHECK(settings.table("tiers")->names() == std::vector<std::string>{"free"});
  CHECK(settings.table("tiers")->table("free")->integer("capacity") == 60);
  CHECK(settings.table("nothing") == nullptr);
  CHECK_FALSE(settings.has("nothing"));
  CHECK_THROWS_AS(settings.integer("file"), std::logic_error);
  CHECK_THROWS_AS(settings.integer("nothing"), std::logic_error);
  CHECK(settings.with({{"readers", 8}}).integer("readers") == 8);
}

TEST_CASE("metrics are found by name and labels in any order") {
  FakeMetrics metrics;
  auto& counter = metrics.counter("hits", "Hits.", {Label("a", "1"), Label("b", "2")});
  counter.add(3);
  CHECK(&metrics.counter("hits", "Hits.", {Label("b", "2"), Label("a", "1")}) == &counter);
  CHECK(metrics.value("hits", {Label("b", "2"), Label("a", "1")}) == 3);
  CHECK(metrics.value("hits", {Label("a", "1")}) == 0);
  CHECK_THROWS_AS(metrics.gauge("hits", "Hits.", {}), std::logic_error);
}

TEST_CASE("a histogram shows cumulative buckets") {
  struct Visitor final : MetricVisitor {
    void sample(const MetricSample& sample) override {
      type = sample.type;
      sum = sample.value;
      buckets.assign(sample.bucket_counts.begin(), sample.bucket_counts.end());
    }
    std::string type;
    double sum = 0;
    std::vector<std::uint64_t> buckets;
  };
  FakeMetrics metrics;
  auto& histogram = metrics.histogram("seconds", "Time.", {}, {0.1, 1.0});
  histogram.observe(0.05);
  histogram.observe(0.5);
  histogram.observe(5);
  Visitor visitor;
  metrics.collect(visitor);
  CHECK(visitor.type == "histogram");
  CHECK(visitor.sum == Approx(5.55));
  CHECK(visitor.buckets == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("the log remembers fields and finds what must not be there") {
  RecordingLog log;
  Log& sink = log;
  sink.warn("key refused", {LogField("key", "abc"), LogField("tries", std::int64_t{3})});
  REQUIRE(log.lines("key refused").size() == 1);
  CHECK(log.lines()[0].level == LogLevel::warn);
  CHECK(log.lines()[0].field("tries") == "3");
  CHECK(log.mentions("abc"));
  CHECK_FALSE(log.mentions("hunter2"));
}

TEST_CASE("outbound calls are answered by the script, and anything else is unreachable") {
  FakeHost host;
  auto& http = host.outbound_http();
  OutboundResponse created;
  created.status = 201;
  http.answer("POST", "https://mail.test/send", created);
  const auto call = host.call();
  CHECK(run(host, http.send(*call, OutboundRequest("POST", "https://mail.test/send")))->status == 201);
  CHECK(run(host, http.send(*call, OutboundRequest("POST", "https://mail.test/send"))).error().code == Errc::unreachable);
  CHECK(http.requests().size() == 2);
  CHECK(http.unused_answers() == 0);
}

TEST_CASE("an answer above the caller's limit is refused") {
  FakeHost host;
  OutboundResponse big;
  big.body = "12345";
  host.outbound_http().answer("GET", "https://a.test/", big);
  OutboundRequest request("GET", "https://a.test/");
  request.response_limit = 4;
  const auto call = host.call();
  CHECK(run(host, host.outbound_http().send(*call, std::move(request))).error().code == Errc::payload_too_large);
}

TEST_CASE("the data directory is private and gone afterwards") {
  std::string path;
  {
    FakeHost host;
    path = host.data_directory();
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("find answers what the test provided, by name and revision") {
  FakeHost host;
  int object = 0;
  host.provide(InterfaceId{"thing", 2}, &object);
  CHECK(host.find(InterfaceId{"thing", 2}) == &object);
  CHECK(host.find(InterfaceId{"thing", 1}) == nullptr);
  CHECK(host.find<HealthCheck>() == nullptr);
}

TEST_CASE("workers tick by name") {
  FakeHost host;
  host.worker("reaper").tick();
  CHECK(host.worker("reaper").count() == 1);
}

}  // namespace
}  // namespace driftstack::testing

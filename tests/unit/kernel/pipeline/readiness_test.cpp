#include "kernel/pipeline/readiness.hpp"

#include <catch2/catch.hpp>

#include "driftstack/support/timestamp.hpp"
#include "driftstack/testing/fake_host.hpp"

namespace driftstack::kernel {
namespace {

class ScriptedCheck final : public HealthCheck {
 public:
  ScriptedCheck(std::string name, testing::ManualClock& clock) : name_(std::move(name)), clock_(clock) {}
  std::string_view name() const noexcept override { return name_; }
  AsyncResult<> check(const Call& call) override {
    allowed = call.deadline() - clock_.steady();
    clock_.advance(takes);
    if (fails) co_return Error(Errc::unreachable, "postgres://secret@host is away");
    co_return Done();
  }

  bool fails = false;
  std::chrono::milliseconds takes{0};
  std::chrono::steady_clock::duration allowed{};

 private:
  std::string name_;
  testing::ManualClock& clock_;
};

struct Bench {
  Bench() { host.clock().freeze(); }
  ReadinessReport::Answer ask() {
    auto answer = testing::run(host, report.ask(0, "req-1"));
    REQUIRE(answer);
    return *std::move(answer);
  }
  testing::FakeHost host;
  WorkerRegistry workers{host.clock()};
  ReadinessReport report{host.clock(), workers};
  ScriptedCheck database{"database", host.clock()}, cache{"cache", host.clock()};
};

TEST_CASE("A server whose checks all pass is ready") {
  Bench bench;
  bench.report.add(bench.database);
  bench.report.add(bench.cache);
  bench.cache.takes = std::chrono::milliseconds(12);
  const auto answer = bench.ask();
  CHECK(answer.ready);
  CHECK(answer.body == R"({"status":"ready","checks":[{"name":"database","status":"ok","latency_ms":0},)"
                       R"({"name":"cache","status":"ok","latency_ms":12}],"workers":[]})");
}

TEST_CASE("One failed check makes the server not ready; the others are still asked and the reason stays inside") {
  Bench bench;
  bench.report.add(bench.database);
  bench.report.add(bench.cache);
  bench.database.fails = true;
  const auto answer = bench.ask();
  CHECK_FALSE(answer.ready);
  CHECK(answer.body == R"({"status":"not_ready","checks":[{"name":"database","status":"failed","latency_ms":0},)"
                       R"({"name":"cache","status":"ok","latency_ms":0}],"workers":[]})");
}

TEST_CASE("Each check has 1.5 s for itself, and one that took longer has failed whatever it answered") {
  Bench bench;
  bench.report.add(bench.database);
  bench.report.add(bench.cache);
  bench.database.takes = std::chrono::milliseconds(1500);
  CHECK(bench.ask().ready);
  CHECK(bench.cache.allowed == std::chrono::milliseconds(1500));
  bench.database.takes = std::chrono::milliseconds(1501);
  CHECK_FALSE(bench.ask().ready);
}

TEST_CASE("A required plugin that is absent keeps the server from being ready") {
  Bench bench;
  bench.report.add(bench.database);
  bench.report.set_missing({"sessions"});
  const auto answer = bench.ask();
  CHECK_FALSE(answer.ready);
  CHECK(answer.body.find(R"({"name":"plugin sessions","status":"failed","latency_ms":0})") != std::string::npos);
  bench.report.set_missing({});
  CHECK(bench.ask().ready);
}

TEST_CASE("Workers are listed with their last sign of life, which is null before the first") {
  Bench bench;
  const auto now = [&] { return Timestamp::from_micros(bench.host.clock().unix_micros()).to_text(); };
  bench.workers.add("reaper").tick();
  bench.workers.add("odd \"name\"");
  CHECK(&bench.workers.add("reaper") == &bench.workers.add("reaper"));
  const auto answer = bench.ask();
  CHECK(answer.body == R"({"status":"ready","checks":[],"workers":[{"name":"reaper","last_tick_at":")" + now() +
                           R"("},{"name":"odd \"name\"","last_tick_at":null}]})");
  bench.host.clock().advance(std::chrono::seconds(61));
  bench.workers.add("reaper").tick();
  CHECK(bench.ask().body.find("\"last_tick_at\":\"" + now() + '"') != std::string::npos);
}

}  // namespace
}  // namespace driftstack::kernel

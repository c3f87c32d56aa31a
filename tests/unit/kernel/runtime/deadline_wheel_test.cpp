#include "kernel/runtime/deadline_wheel.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

using namespace std::chrono_literals;
using driftstack::kernel::Deadline;
using driftstack::kernel::DeadlineWheel;

namespace {

const Deadline::Clock::time_point kStart{1000h};

struct Probe : Deadline {
  Probe() : Deadline(&Probe::hit) {}
  static void hit(Deadline& deadline) noexcept {
    auto& self = static_cast<Probe&>(deadline);
    ++self.fired;
    if (self.wheel != nullptr && self.again != Clock::time_point{}) {
      const auto when = self.again;
      self.again = {};
      self.wheel->set(self, when);
    }
    if (self.wheel != nullptr && self.victim != nullptr) self.wheel->clear(*self.victim);
  }
  int fired = 0;
  DeadlineWheel* wheel = nullptr;
  Clock::time_point again{};
  Deadline* victim = nullptr;
};

}  // namespace

TEST_CASE("a deadline never fires early and at most one tick late") {
  DeadlineWheel wheel(kStart);
  for (const auto after : {1ms, 9ms, 10ms, 11ms, 250ms, 40950ms, 40960ms, 40970ms, 200000ms}) {
    const auto now = kStart;
    DeadlineWheel fresh(now);
    Probe probe;
    fresh.set(probe, now + after);
    for (auto at = now; at < now + after; at += 1ms) {
      fresh.advance(at);
      REQUIRE(probe.fired == 0);
    }
    fresh.advance(now + after + DeadlineWheel::kTick);
    REQUIRE(probe.fired == 1);
    REQUIRE_FALSE(probe.pending());
  }
}

TEST_CASE("a deadline in the past fires at the next tick") {
  DeadlineWheel wheel(kStart);
  Probe probe;
  wheel.set(probe, kStart - 1h);
  wheel.advance(kStart + DeadlineWheel::kTick);
  REQUIRE(probe.fired == 1);
}

TEST_CASE("a deadline that was moved to a later time fires once, at the later time") {
  DeadlineWheel wheel(kStart);
  Probe probe;
  wheel.set(probe, kStart + 100ms);
  wheel.set(probe, kStart + 300ms);
  wheel.advance(kStart + 290ms);
  REQUIRE(probe.fired == 0);
  wheel.advance(kStart + 310ms);
  REQUIRE(probe.fired == 1);
  wheel.advance(kStart + 100s);
  REQUIRE(probe.fired == 1);
}

TEST_CASE("a deadline that was moved to an earlier time fires at the earlier time") {
  DeadlineWheel wheel(kStart);
  Probe probe;
  wheel.set(probe, kStart + 300ms);
  wheel.set(probe, kStart + 100ms);
  wheel.advance(kStart + 110ms);
  REQUIRE(probe.fired == 1);
}

TEST_CASE("a cleared deadline does not fire, also when another one clears it in the same tick") {
  DeadlineWheel wheel(kStart);
  Probe cleared, first, second;
  wheel.set(cleared, kStart + 50ms);
  wheel.clear(cleared);
  first.wheel = second.wheel = &wheel;
  first.victim = &second;
  second.victim = &first;
  wheel.set(first, kStart + 50ms);
  wheel.set(second, kStart + 50ms);
  wheel.advance(kStart + 100ms);
  REQUIRE(cleared.fired == 0);
  REQUIRE(first.fired + second.fired == 1);
}

TEST_CASE("what fires may set itself again") {
  DeadlineWheel wheel(kStart);
  Probe probe;
  probe.wheel = &wheel;
  probe.again = kStart + 200ms;
  wheel.set(probe, kStart + 100ms);
  wheel.advance(kStart + 150ms);
  REQUIRE(probe.fired == 1);
  REQUIRE(probe.pending());
  wheel.advance(kStart + 210ms);
  REQUIRE(probe.fired == 2);
}

TEST_CASE("the next wake is never after the first deadline, and absent for an empty wheel") {
  DeadlineWheel wheel(kStart);
  REQUIRE_FALSE(wheel.next_wake());
  std::mt19937 random(7);
  std::uniform_int_distribution<int> milliseconds(1, 120'000);
  std::vector<std::unique_ptr<Probe>> probes;
  auto earliest = Deadline::Clock::time_point::max();
  for (int i = 0; i < 500; ++i) {
    const auto when = kStart + std::chrono::milliseconds(milliseconds(random));
    probes.push_back(std::make_unique<Probe>());
    wheel.set(*probes.back(), when);
    earliest = std::min(earliest, when);
    REQUIRE(wheel.next_wake());
    REQUIRE(*wheel.next_wake() <= earliest + DeadlineWheel::kTick);
  }
  // Following only the wakes fires every deadline within its tick.
  int total = 0;
  while (const auto wake = wheel.next_wake()) {
    wheel.advance(*wake);
    for (const auto& probe : probes)
      if (probe->fired == 0) REQUIRE(probe->when() + DeadlineWheel::kTick > *wake);
  }
  for (const auto& probe : probes) total += probe->fired;
  REQUIRE(total == 500);
}

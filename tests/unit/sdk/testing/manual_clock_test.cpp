#include <catch2/catch.hpp>

#include "driftstack/testing/manual_clock.hpp"

namespace driftstack::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a frozen clock moves only when the test moves it") {
  ManualClock clock;
  clock.freeze();
  const auto steady = clock.steady();
  const auto unix_time = clock.unix_micros();
  CHECK(clock.steady() == steady);
  clock.advance(90s);
  CHECK(clock.steady() - steady == 90s);
  CHECK(clock.unix_micros() - unix_time == 90'000'000);
}

TEST_CASE("setting the wall clock leaves the steady clock alone") {
  ManualClock clock;
  clock.freeze();
  const auto steady = clock.steady();
  clock.set_unix_micros(42);
  CHECK(clock.unix_micros() == 42);
  CHECK(clock.steady() == steady);
  clock.advance(8us);
  CHECK(clock.unix_micros() == 50);
}

TEST_CASE("time does not run backwards") {
  ManualClock clock;
  CHECK_THROWS_AS(clock.advance(-1us), std::logic_error);
}

}  // namespace
}  // namespace driftstack::testing

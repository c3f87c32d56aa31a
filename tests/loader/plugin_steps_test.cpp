// Real libraries that fail at a step, taken through the whole lifecycle.

#include <catch2/catch.hpp>

#include "tests/loader/fixture_packages.hpp"
#include "tests/unit/kernel/plugins/lifecycle_parts.hpp"

using namespace driftstack::kernel;
using driftstack::kernel::test::FakeHosts;
using driftstack::kernel::test::FixturePackages;
using driftstack::kernel::test::IoThreadRunner;
using namespace std::chrono_literals;

namespace {

/// Long enough that a healthy plugin always makes it, short enough that a hang is seen.
constexpr std::chrono::milliseconds kStepTimeout = 300ms;

struct Run {
  bool started = false;
  bool abandoned = false;
  std::vector<std::string> failures;
};

Run run(const std::string& fixture) {
  FixturePackages fixtures({"good", fixture});
  const std::vector<Package> packages = fixtures.packages();
  const Selection selection{{"good", fixture}, {}};
  const CheckedSettings settings = test::plugin_settings({});
  FakeHosts hosts;
  IoThreadRunner io;
  Lifecycle lifecycle({packages, selection, settings,
                       [&fixtures](const Package& package) { return load_library(package, fixtures.pins(), fixtures.rules()); }, hosts, io,
                       kStepTimeout});
  Run out;
  out.started = lifecycle.start();
  lifecycle.stop();
  out.abandoned = lifecycle.has_abandoned();
  for (const PluginFailure& failure : lifecycle.failures()) out.failures.push_back(failure.line());
  return out;
}

}  // namespace

TEST_CASE("a plugin that fails at a step is named with the step and the reason") {
  struct Row {
    std::string fixture, line;
  };
  const Row rows[] = {
      {"throws-in-constructor", "plugin throws-in-constructor: create: its constructor threw"},
      {"fails-configure", "plugin fails-configure: configure: the size must be even"},
      {"throws-in-configure", "plugin throws-in-configure: configure: threw: no such setting"},
      {"fails-start", "plugin fails-start: start: nobody listens at 192.0.2.1:5432"},
      {"throws-in-start", "plugin throws-in-start: start: disk is upside down"},
      {"wrong-major", "plugin wrong-major: build facts: not built for this server: sdk_major: plugin 1, host 0"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fixture);
    const Run result = run(row.fixture);
    CHECK_FALSE(result.started);
    CHECK_FALSE(result.abandoned);
    CHECK(result.failures == std::vector<std::string>{row.line});
  }
}

TEST_CASE("a plugin that hangs in start is named and left alone") {
  const Run result = run("hangs-in-start");
  CHECK_FALSE(result.started);
  CHECK(result.abandoned);
  CHECK(result.failures == std::vector<std::string>{"plugin hangs-in-start: start: did not end within 300 ms (server.start_timeout)"});
}

TEST_CASE("a plugin that hangs in stop is named, and the others still stop") {
  const Run result = run("hangs-in-stop");
  CHECK(result.started);
  CHECK(result.abandoned);
  CHECK(result.failures == std::vector<std::string>{"plugin hangs-in-stop: stop: did not end within 300 ms (server.start_timeout)"});
}

TEST_CASE("the good twin starts and stops without a word") {
  const Run result = run("good-route");
  CHECK(result.started);
  CHECK_FALSE(result.abandoned);
  CHECK(result.failures.empty());
}

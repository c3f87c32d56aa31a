// Routes of real libraries against the kernel's route table.

#include <catch2/catch.hpp>

#include "driftstack/http.hpp"
#include "kernel/pipeline/route_table.hpp"
#include "tests/loader/fixture_packages.hpp"
#include "tests/unit/kernel/plugins/lifecycle_parts.hpp"

using namespace driftstack::kernel;
using driftstack::kernel::test::FakeHosts;
using driftstack::kernel::test::FixturePackages;
using driftstack::kernel::test::IoThreadRunner;
using namespace std::chrono_literals;

namespace {

/// Starts the plugins and mounts all their routes; the errors of mounting.
std::vector<std::string> mount_all(const std::vector<std::string>& names) {
  FixturePackages fixtures(names);
  const std::vector<Package> packages = fixtures.packages();
  const Selection selection{names, {}};
  const CheckedSettings settings = test::plugin_settings({});
  FakeHosts hosts;
  IoThreadRunner io;
  Lifecycle lifecycle({packages, selection, settings,
                       [&fixtures](const Package& package) { return load_library(package, fixtures.pins(), fixtures.rules()); }, hosts, io,
                       10s});
  REQUIRE(lifecycle.start());
  RouteTable table([](std::string_view) { return true; });
  std::vector<std::string> errors;
  const auto sources = lifecycle.find_all(driftstack::RouteSource::kId);
  CHECK(sources.size() == names.size());
  for (const Lifecycle::Provider& source : sources) {
    for (const driftstack::Route& route : static_cast<driftstack::RouteSource*>(source.interface)->routes()) {
      const auto mounted = table.mount(source.plugin, route);
      if (!mounted) errors.push_back(mounted.error().detail);
    }
  }
  return errors;
}

}  // namespace

TEST_CASE("a plugin's declared route is mounted") { CHECK(mount_all({"good-route"}).empty()); }

TEST_CASE("a second plugin with the same route is refused, and both are named") {
  CHECK(mount_all({"good-route", "duplicate-route"}) ==
        std::vector<std::string>{"plugin duplicate-route: route GET /v1/fixture: is mounted by plugin good-route already"});
}

TEST_CASE("a route that declares no scope is refused") {
  CHECK(mount_all({"route-without-scope"}) ==
        std::vector<std::string>{
            "plugin route-without-scope: route GET /v1/fixture: declares no scopes (an empty set means any valid credential)"});
}

#pragma once
// What a conformance suite is run on.
//
// A suite is a function that a TEST_CASE calls with a way to make fresh subjects; each of its sections takes its own:
//
//   TEST_CASE("my limiter keeps the contract of rate.limiter/1") {
//     conformance::rate_limiter([] { return conformance::from_plugin<RateLimiter>(DRIFTSTACK_PLUGIN_PACKAGE); });
//   }

#include <functional>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "driftstack/testing/fake_host.hpp"
#include "driftstack/testing/plugin_fixture.hpp"

namespace driftstack::testing::conformance {

/// An implementation of a role with the host that it lives on. `keep` holds whatever both need.
template <class Role>
struct Subject {
  Subject(std::shared_ptr<void> keep, FakeHost& host, Role& role) : keep(std::move(keep)), host(host), role(role) {}
  std::shared_ptr<void> keep;
  FakeHost& host;
  Role& role;
};

template <class Role>
using MakeSubject = std::function<Subject<Role>()>;

/// Loads a plugin package, configures and starts it. Throws std::runtime_error when a step fails or the plugin does not fill the role.
template <class Role>
Subject<Role> from_plugin(const std::string& package, std::initializer_list<MapSettings::Entry> settings = {}) {
  auto plugin = std::make_shared<PluginFixture>(package, settings);
  if (auto configured = plugin->configure(); !configured) throw std::runtime_error("configure: " + configured.error().detail);
  if (auto started = plugin->start(); !started) throw std::runtime_error("start: " + started.error().detail);
  auto* role = plugin->template provide<Role>();
  if (role == nullptr) throw std::runtime_error("the plugin does not provide " + std::string(Role::kId.name));
  auto& host = plugin->host();
  return Subject<Role>(std::move(plugin), host, *role);
}

}  // namespace driftstack::testing::conformance

#pragma once
// A built plugin package, loaded into a test with a FakeHost.
//
//   PluginFixture plugin(DRIFTSTACK_PLUGIN_PACKAGE, {{"max_wait", std::chrono::seconds(1)}});
//   REQUIRE(plugin.configure());
//   REQUIRE(plugin.start());
//   auto* limiter = plugin.provide<RateLimiter>();
//
// CMake: driftstack_add_plugin(NAME x ...) makes the package; pass its folder to the test:
//   target_compile_definitions(x_test PRIVATE "DRIFTSTACK_PLUGIN_PACKAGE=\"$<TARGET_FILE_DIR:driftstack-plugin-x>\"")
//   add_dependencies(x_test driftstack-plugin-x)

#include <initializer_list>
#include <memory>
#include <string>

#include "driftstack/http.hpp"
#include "driftstack/plugin.hpp"
#include "driftstack/testing/fake_host.hpp"

namespace driftstack::testing {

/// Settings are the manifest's defaults with the test's entries over them. Destruction stops the plugin if it was started; the library
/// stays mapped, as in a server. [test thread]
class PluginFixture {
 public:
  /// `package` is the folder that holds `plugin.toml` and `lib<name>.so`, where name is the folder's name. Throws std::runtime_error when
  /// the library does not load, has no entry symbol, or its constructor throws.
  explicit PluginFixture(const std::string& package, std::initializer_list<MapSettings::Entry> settings = {},
                         std::uint32_t io_threads = TestScheduler::kDefaultIoThreads);
  ~PluginFixture();
  PluginFixture(const PluginFixture&) = delete;
  PluginFixture& operator=(const PluginFixture&) = delete;

  FakeHost& host() noexcept { return host_; }
  Plugin& plugin() noexcept { return *plugin_; }

  Result<> configure();
  Result<> start();
  Result<> stop();

  /// The plugin's interface, or null.
  template <class Interface>
  Interface* provide() noexcept {
    return static_cast<Interface*>(plugin_->provide(Interface::kId));
  }
  /// The route with this method and path template, or null when the plugin has no such route.
  const Route* route(Method method, std::string_view path) noexcept;

 private:
  FakeHost host_;
  std::unique_ptr<Plugin> plugin_;
  bool started_ = false;
};

}  // namespace driftstack::testing

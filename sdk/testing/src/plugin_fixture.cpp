#include "driftstack/testing/plugin_fixture.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <stdexcept>

#include "driftstack/testing/manifest_defaults.hpp"

namespace driftstack::testing {

namespace {

namespace fs = std::filesystem;

std::unique_ptr<Plugin> load(const std::string& package, Host& host) {
  const auto library = fs::path(package) / ("lib" + fs::path(package).filename().string() + ".so");
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) throw std::runtime_error(dlerror());
  using Entry = Plugin* (*)(Host*) noexcept;
  const auto entry = reinterpret_cast<Entry>(dlsym(handle, kEntrySymbol));
  if (entry == nullptr) throw std::runtime_error(library.string() + " has no symbol " + kEntrySymbol);
  std::unique_ptr<Plugin> plugin(entry(&host));
  if (!plugin) throw std::runtime_error(library.string() + ": the plugin's constructor threw");
  return plugin;
}

}  // namespace

PluginFixture::PluginFixture(const std::string& package, std::initializer_list<MapSettings::Entry> settings, std::uint32_t io_threads)
    : host_(manifest_defaults(package + "/plugin.toml").with(settings), io_threads) {
  host_.set_package_directory(package);
  plugin_ = load(package, host_);
}

PluginFixture::~PluginFixture() {
  if (started_) (void)stop();
}

Result<> PluginFixture::configure() { return plugin_->configure(); }

Result<> PluginFixture::start() {
  auto result = run(host_, plugin_->start());
  started_ = result.has_value();
  return result;
}

Result<> PluginFixture::stop() {
  started_ = false;
  return run(host_, plugin_->stop());
}

const Route* PluginFixture::route(Method method, std::string_view path) noexcept {
  const auto* source = provide<RouteSource>();
  if (source == nullptr) return nullptr;
  for (const auto& route : source->routes())
    if (route.method == method && route.path == path) return &route;
  return nullptr;
}

}  // namespace driftstack::testing

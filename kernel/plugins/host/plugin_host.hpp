#pragma once
// What one plugin sees of the host.

#include <filesystem>
#include <memory>
#include <string>

#include "driftstack/host.hpp"
#include "kernel/pipeline/readiness.hpp"
#include "kernel/plugins/host/setting_view.hpp"
#include "kernel/plugins/lifecycle.hpp"
#include "kernel/runtime/log.hpp"
#include "kernel/runtime/outbound_http.hpp"

namespace driftstack::kernel {

/// The parts that all plugins share. References outlive every plugin.
struct SharedHostParts {
  Scheduler& scheduler;
  Clock& clock;
  Log& log;
  Metrics& metrics;
  Secrets& secrets;
  WorkerRegistry& workers;
  std::string public_url;
  bool serving = true;
};

/// The host of one plugin: the shared parts, its own settings, log component, folder and way out.
class KernelPluginHost final : public PluginHost, private Host {
 public:
  /// `data_directory` exists, mode 0700.
  KernelPluginHost(const SharedHostParts& shared, const HostSeed& seed, std::unique_ptr<SettingView> settings,
                   std::unique_ptr<CurlOutboundHttp> outbound, std::filesystem::path data_directory);

  Host& host() noexcept override { return *this; }

 private:
  Scheduler& scheduler() noexcept override { return shared_.scheduler; }
  Clock& clock() noexcept override { return shared_.clock; }
  Log& log() noexcept override { return log_; }
  Metrics& metrics() noexcept override { return shared_.metrics; }
  const Settings& settings() const noexcept override { return *settings_; }
  Secrets& secrets() noexcept override { return shared_.secrets; }
  OutboundHttp& outbound_http() noexcept override { return *outbound_; }
  void* find(InterfaceId id) noexcept override { return finder_.find(id); }
  std::string data_directory() const override { return data_directory_.string(); }
  std::string package_directory() const override { return package_directory_.string(); }
  std::string public_url() const override { return shared_.public_url; }
  WorkerTick& worker(std::string_view name) override { return shared_.workers.add(name); }
  bool serving() const noexcept override { return shared_.serving; }

  const SharedHostParts& shared_;
  InterfaceFinder& finder_;
  ComponentLog log_;
  std::unique_ptr<SettingView> settings_;
  std::unique_ptr<CurlOutboundHttp> outbound_;
  std::filesystem::path data_directory_, package_directory_;
};

}  // namespace driftstack::kernel

#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/plugin.hpp"
#include "kernel/config/settings.hpp"
#include "kernel/plugins/failure.hpp"
#include "kernel/plugins/loader.hpp"
#include "kernel/plugins/package.hpp"
#include "kernel/plugins/selection.hpp"

namespace driftstack::kernel {

/// Finds the plugin behind an interface; what `Host::find` asks.
class InterfaceFinder {
 public:
  /// Null when nobody provides it, when many may, or when the provider failed. [any-thread]
  virtual void* find(InterfaceId id) noexcept = 0;

 protected:
  ~InterfaceFinder() = default;
};

/// What the host of one plugin is made from. References live as long as the lifecycle.
struct HostSeed {
  const Manifest& manifest;
  const std::filesystem::path& folder;
  const CheckedSettings& settings;
  InterfaceFinder& finder;
};

/// The host object of one plugin, owned by the lifecycle and destroyed after the plugin.
class PluginHost {
 public:
  virtual ~PluginHost() = default;
  virtual Host& host() noexcept = 0;
};

class HostFactory {
 public:
  /// Null or an exception (for example a secret that cannot be had) is a failure of the plugin's create step. [main-thread]
  virtual std::unique_ptr<PluginHost> create(const HostSeed& seed) = 0;

 protected:
  ~HostFactory() = default;
};

/// Runs work on an io thread.
class IoRunner {
 public:
  /// [main-thread]
  virtual void post(std::function<void()> work) = 0;

 protected:
  ~IoRunner() = default;
};

/// Everything that a lifecycle works with. References must outlive it.
struct LifecycleParts {
  const std::vector<Package>& packages;
  const Selection& selection;
  const CheckedSettings& settings;
  /// Usually `load_library` with the configuration's pins.
  std::function<LoadResult(const Package&)> load;
  HostFactory& hosts;
  IoRunner& io;
  /// For each plugin's start, and for each plugin's stop (`server.start_timeout`).
  std::chrono::milliseconds step_timeout;
};

/// How a plugin is doing, for `/ready` and `plugin list`.
struct PluginStatus {
  enum class State { waiting, running, failed, stopped };
  std::string name;
  bool required = true;
  State state = State::waiting;
  /// The failure's line; empty unless failed.
  std::string reason;
};

/// Brings the selected plugins up and down. Loads all, creates all, configures all, then starts each in dependency order; stops and
/// destroys in reverse. A failure of a required plugin (`plugins.<name>.required`, the default) undoes everything in reverse. A failed
/// optional plugin is left out, and with it the plugins that require it. Destruction without `stop()` stops first. [main-thread] unless
/// said otherwise.
class Lifecycle final : public InterfaceFinder {
 public:
  explicit Lifecycle(LifecycleParts parts);
  Lifecycle(const Lifecycle&) = delete;
  Lifecycle& operator=(const Lifecycle&) = delete;
  ~Lifecycle();

  /// Up to and including configure. What `config check` does: follow with `stop()`. True when every required plugin got there.
  bool configure();
  /// `configure()` unless done, then starts. True when every required plugin runs; otherwise everything is down again.
  bool start();
  /// Stops what runs, in reverse, and destroys all. A hang in stop is a failure too, and the rest is still stopped.
  void stop();

  /// Every failure so far, of required and optional plugins, and of steps that undo.
  const std::vector<PluginFailure>& failures() const { return failures_; }
  /// True when a plugin hung: its task still runs, so its objects were left alone, and the process should end without joining io threads.
  bool has_abandoned() const;

  /// [any-thread]
  std::vector<PluginStatus> statuses() const;
  /// Every required plugin runs. [any-thread]
  bool ready() const;
  void* find(InterfaceId id) noexcept override;

  struct Provider {
    std::string plugin;
    void* interface = nullptr;
  };
  /// Every running plugin that provides an interface with many providers (`http.routes`, `health.check`), in start order. [any-thread]
  std::vector<Provider> find_all(InterfaceId id) const;

 private:
  class Slot;
  using Step = bool (Lifecycle::*)(Slot&);

  bool run_step(Step step);
  bool load(Slot& slot);
  bool create(Slot& slot);
  bool configure_one(Slot& slot);
  bool start_one(Slot& slot);
  void stop_one(Slot& slot);
  void fail(Slot& slot, PluginStep step, std::string reason);
  bool requirement_failed(const Slot& slot, std::string& reason) const;
  void destroy_all();
  const Slot* find_slot(const std::string& name) const;

  LifecycleParts parts_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<PluginFailure> failures_;
  bool configured_ = false;
};

}  // namespace driftstack::kernel

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "driftstack/testing/fake_host.hpp"
#include "kernel/plugins/lifecycle.hpp"

namespace driftstack::kernel::test {

/// One thread that runs posted work in order.
class IoThreadRunner final : public IoRunner {
 public:
  IoThreadRunner() : thread_([this] { run(); }) {}
  ~IoThreadRunner() {
    post(nullptr);
    thread_.join();
  }
  void post(std::function<void()> work) override {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    changed_.notify_one();
  }
  std::thread::id id() const { return thread_.get_id(); }

 private:
  void run() {
    while (std::function<void()> work = next()) work();
  }
  std::function<void()> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.empty(); });
    std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    return work;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::thread thread_;  // last: runs on what is above
};

class FakePluginHost final : public PluginHost {
 public:
  Host& host() noexcept override { return host_; }

 private:
  testing::FakeHost host_;
};

/// Gives every plugin a fake host, but for those that it was told to refuse.
class FakeHosts final : public HostFactory {
 public:
  std::unique_ptr<PluginHost> create(const HostSeed& seed) override {
    finder = &seed.finder;
    sizes[seed.manifest.id] = seed.settings.has("size") ? seed.settings.integer("size") : -1;
    if (seed.manifest.id == refuse) return nullptr;
    return std::make_unique<FakePluginHost>();
  }

  std::string refuse;
  InterfaceFinder* finder = nullptr;
  std::map<std::string, std::int64_t> sizes;
};

/// Settings with a table for each plugin: name to whether it is required.
inline CheckedSettings plugin_settings(const std::map<std::string, bool>& required) {
  CheckedSettings plugins;
  for (const auto& [name, value] : required) {
    CheckedSettings table;
    table.set("required", SettingValue{value, Origin{}});
    table.set("size", SettingValue{std::int64_t{7}, Origin{}});
    plugins.set(name, std::move(table));
  }
  CheckedSettings settings;
  settings.set("plugins", std::move(plugins));
  return settings;
}

}  // namespace driftstack::kernel::test

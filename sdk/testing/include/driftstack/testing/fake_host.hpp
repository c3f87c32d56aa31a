#pragma once
// A host for tests: real threads, a clock that the test moves, everything else in memory.
//
//   FakeHost host(MapSettings({{"file", "test.db"}}));
//   auto answer = run(host, something_async(host));

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/testing/fake_metrics.hpp"
#include "driftstack/testing/fake_secrets.hpp"
#include "driftstack/testing/manual_clock.hpp"
#include "driftstack/testing/map_settings.hpp"
#include "driftstack/testing/recording_log.hpp"
#include "driftstack/testing/run.hpp"
#include "driftstack/testing/scripted_outbound_http.hpp"
#include "driftstack/testing/test_scheduler.hpp"

namespace driftstack::testing {

/// Counts ticks. [any-thread]
class CountingTick final : public WorkerTick {
 public:
  void tick() noexcept override { ++count_; }
  std::uint64_t count() const noexcept { return count_.load(); }

 private:
  std::atomic<std::uint64_t> count_{0};
};

/// A directory that is made with mode 0700 and removed with all it holds.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// Every accessor answers the fake itself, so that a test can move the clock or read the log: `host.clock().advance(...)`.
class FakeHost final : public Host {
 public:
  explicit FakeHost(MapSettings settings = {}, std::uint32_t io_threads = TestScheduler::kDefaultIoThreads,
                    std::uint32_t workers = TestScheduler::kDefaultWorkers);

  TestScheduler& scheduler() noexcept override { return scheduler_; }
  ManualClock& clock() noexcept override { return clock_; }
  RecordingLog& log() noexcept override { return log_; }
  FakeMetrics& metrics() noexcept override { return metrics_; }
  const MapSettings& settings() const noexcept override { return settings_; }
  FakeSecrets& secrets() noexcept override { return secrets_; }
  ScriptedOutboundHttp& outbound_http() noexcept override { return outbound_http_; }
  void* find(InterfaceId id) noexcept override;
  using Host::find;
  std::string data_directory() const override { return data_directory_.path(); }
  std::string package_directory() const override { return package_directory_; }
  std::string public_url() const override { return "https://driftstack.test"; }
  CountingTick& worker(std::string_view name) override;

  /// What `find<Interface>()` answers from now on; null takes it away. The object stays the caller's.
  template <class Interface>
  void provide(Interface* implementation) {
    provide(Interface::kId, implementation);
  }
  void provide(InterfaceId id, void* implementation);
  /// What package_directory() answers; empty at first.
  void set_package_directory(std::string path) { package_directory_ = std::move(path); }

  /// A call for io thread `thread` whose deadline is `limit` from now on the fake clock. The caller keeps it alive.
  std::unique_ptr<Call> call(std::chrono::milliseconds limit = std::chrono::seconds(30), IoThread thread = 0);

 private:
  MapSettings settings_;
  TemporaryDirectory data_directory_;
  std::string package_directory_;
  ManualClock clock_;
  RecordingLog log_;
  FakeMetrics metrics_;
  FakeSecrets secrets_;
  ScriptedOutboundHttp outbound_http_;
  std::mutex mutex_;  // the two maps
  std::map<std::pair<std::string, std::uint16_t>, void*> interfaces_;
  std::map<std::string, std::unique_ptr<CountingTick>, std::less<>> workers_;
  std::atomic<std::uint64_t> next_call_{1};
  TestScheduler scheduler_;  // last: its threads end before anything that they use
};

}  // namespace driftstack::testing

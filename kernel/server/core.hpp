#pragma once
// Runtime and plugins together: what `serve` and the command-line tools that use plugins stand on.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "driftstack/result.hpp"
#include "driftstack/task.hpp"
#include "kernel/pipeline/readiness.hpp"
#include "kernel/plugins/configuration.hpp"
#include "kernel/plugins/lifecycle.hpp"
#include "kernel/runtime/clock.hpp"
#include "kernel/runtime/io_threads.hpp"
#include "kernel/runtime/log.hpp"
#include "kernel/runtime/metrics.hpp"
#include "kernel/runtime/secrets.hpp"
#include "kernel/runtime/worker_pool.hpp"

namespace driftstack::kernel {

/// `check` configures plugins and writes nothing; `tool` may run beside a server.
enum class CorePurpose { serve, tool, check };

/// Builds the runtime for a checked configuration, then brings plugins up and down. [main-thread]
class Core {
 public:
  /// `log_descriptor` takes the log lines. Errors: data directory, master key.
  static Result<std::unique_ptr<Core>> make(const ServerConfiguration& configuration, const SecretSources& secrets, CorePurpose purpose,
                                            int log_descriptor);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  /// Takes the load path up to and including configure, writes nothing, and undoes it. Every failure's line.
  static std::vector<std::string> check_plugins(const ServerConfiguration& configuration, const SecretSources& secrets);

  /// Starts the selected plugins. Every failure when a required one failed; everything is down again then.
  std::vector<PluginFailure> start_plugins();
  void stop_plugins();
  Lifecycle& lifecycle() noexcept;

  /// The interface of the running plugin that fills it, or null.
  template <class Interface>
  Interface* find() noexcept {
    return static_cast<Interface*>(lifecycle().find(Interface::kId));
  }

  /// Runs a task on io thread 0 and waits for its result.
  template <class T>
  Result<T> run(std::function<AsyncResult<T>(const Call&)> work, std::chrono::seconds limit);

  Clock& clock() noexcept { return clock_; }
  JsonLog& log() noexcept { return log_; }
  MetricRegistry& metrics() noexcept { return metrics_; }
  IoThreads& io() noexcept { return io_; }
  WorkerPool& workers() noexcept { return workers_; }
  Secrets& secrets() noexcept { return *secrets_; }
  WorkerRegistry& worker_ticks() noexcept { return worker_ticks_; }
  const std::filesystem::path& data_directory() const noexcept { return data_directory_; }
  const std::string& public_url() const noexcept { return public_url_; }
  const SecretSources& secret_sources() const noexcept { return secret_sources_; }
  const ServerConfiguration& configuration() const noexcept { return configuration_; }

 private:
  class Hosts;
  Core(const ServerConfiguration& configuration, const SecretSources& secrets, CorePurpose purpose, int log_descriptor,
       std::filesystem::path data_directory);
  void make_lifecycle();
  Result<> open_secrets();
  void wait_for(const std::function<void(std::function<void()>)>& begin);

  const ServerConfiguration& configuration_;
  const SecretSources& secret_sources_;
  CorePurpose purpose_;
  std::filesystem::path data_directory_;
  std::string public_url_;
  SystemClock clock_;
  JsonLog log_;
  MetricRegistry metrics_;
  WorkerRegistry worker_ticks_;
  std::unique_ptr<EnvelopeSecrets> secrets_;
  WorkerPool workers_;
  IoThreads io_;
  std::unique_ptr<Hosts> hosts_;
  std::unique_ptr<Lifecycle> lifecycle_;
};

/// The base of absolute links: `server.public_url`, else made of the listening address.
std::string public_url_of(const CheckedSettings& server);

template <class T>
Result<T> Core::run(std::function<AsyncResult<T>(const Call&)> work, std::chrono::seconds limit) {
  Call call("driftstack", 0, clock_.steady() + limit);
  Result<T> outcome = Error(Errc::internal, "did not run");
  wait_for([&](std::function<void()> done) {
    io_.post(0, [&, done = std::move(done)] {
      start(work(call), [&outcome, done](Result<T> result) {
        outcome = std::move(result);
        done();
      });
    });
  });
  return outcome;
}

}  // namespace driftstack::kernel

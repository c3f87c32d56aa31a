#include "kernel/server/core.hpp"

#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "kernel/config/value_syntax.hpp"
#include "kernel/plugins/host/plugin_host.hpp"
#include "kernel/plugins/host/setting_view.hpp"
#include "kernel/plugins/loader.hpp"
#include "kernel/runtime/digest_root.hpp"
#include "kernel/runtime/egress_policy.hpp"
#include "kernel/runtime/master_key.hpp"
#include "kernel/runtime/outbound_http.hpp"
#include "kernel/server/data_directory.hpp"

namespace driftstack::kernel {
namespace {

LogLevel level_of(const std::string& name) {
  if (name == "debug") return LogLevel::debug;
  if (name == "warn") return LogLevel::warn;
  if (name == "error") return LogLevel::error;
  return LogLevel::info;
}

std::uint32_t threads(const CheckedSettings& server, std::string_view key) { return static_cast<std::uint32_t>(server.integer(key)); }

/// Runs work on io thread 0.
class FirstIoThread final : public IoRunner {
 public:
  explicit FirstIoThread(IoThreads& io) : io_(io) {}
  void post(std::function<void()> work) override { io_.post(0, std::move(work)); }

 private:
  IoThreads& io_;
};

}  // namespace

/// Makes the host object of each plugin from the parts of the core.
class Core::Hosts final : public HostFactory {
 public:
  explicit Hosts(Core& core)
      : core_(core),
        runner_(core.io_),
        shared_{core.io_,       core.clock_,        core.log_,        core.metrics_,
                *core.secrets_, core.worker_ticks_, core.public_url_, core.purpose_ == CorePurpose::serve} {}

  std::unique_ptr<PluginHost> create(const HostSeed& seed) override {
    const auto folder = core_.data_directory_ / "plugins" / seed.manifest.id;
    if (core_.purpose_ != CorePurpose::check) {
      std::filesystem::create_directories(folder);
      for (const auto& path : {folder.parent_path(), folder}) std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    EgressPolicy egress;
    egress.hosts = seed.manifest.egress_hosts;
    egress.private_targets = seed.settings.list("private_targets");
    if (core_.purpose_ == CorePurpose::serve)
      for (const auto& target : egress.private_targets)
        core_.log_.warn("a plugin may call a private target", {LogField("plugin", seed.manifest.id), LogField("target", target)});
    return std::make_unique<KernelPluginHost>(shared_, seed,
                                              std::make_unique<SettingView>(seed.settings, seed.manifest.settings, core_.secret_sources_),
                                              std::make_unique<CurlOutboundHttp>(core_.io_, std::move(egress)), folder);
  }
  FirstIoThread& runner() noexcept { return runner_; }

 private:
  Core& core_;
  FirstIoThread runner_;
  SharedHostParts shared_;
};

std::string public_url_of(const CheckedSettings& server) {
  if (server.has("public_url")) return server.string("public_url");
  const auto listen = parse_host_port(server.string("listen"));
  std::string host = listen ? listen->host : "127.0.0.1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return std::string(server.has("tls_certificate") ? "https://" : "http://") + host + ":" + std::to_string(listen ? listen->port : 0);
}

Core::Core(const ServerConfiguration& configuration, const SecretSources& secrets, CorePurpose purpose, int log_descriptor,
           std::filesystem::path data_directory)
    : configuration_(configuration),
      secret_sources_(secrets),
      purpose_(purpose),
      data_directory_(std::move(data_directory)),
      public_url_(public_url_of(configuration.settings.table("server"))),
      log_(clock_, level_of(configuration.settings.table("log").string("level")), log_descriptor),
      worker_ticks_(clock_),
      workers_(threads(configuration.settings.table("server"), "worker_threads")),
      io_(threads(configuration.settings.table("server"), "io_threads"), workers_, &log_) {}

Core::~Core() {
  stop_plugins();
  // A plugin that hung still runs on an io thread; joining that thread would hang as well.
  if (lifecycle_ && lifecycle_->has_abandoned()) {
    log_.flush();
    _exit(EXIT_FAILURE);
  }
}

Result<std::unique_ptr<Core>> Core::make(const ServerConfiguration& configuration, const SecretSources& secrets, CorePurpose purpose,
                                         int log_descriptor) {
  auto folder = prepare_data_directory(configuration.settings.table("server").string("data_dir"));
  if (!folder) return std::move(folder).error();
  std::unique_ptr<Core> core(new Core(configuration, secrets, purpose, log_descriptor, *std::move(folder)));
  if (auto opened = core->open_secrets(); !opened) return std::move(opened).error();
  core->make_lifecycle();
  return core;
}

std::vector<std::string> Core::check_plugins(const ServerConfiguration& configuration, const SecretSources& secrets) {
  Core core(configuration, secrets, CorePurpose::check, STDERR_FILENO, configuration.settings.table("server").string("data_dir"));
  auto key = MasterKey::generate();
  if (!key) return {key.error().detail};
  core.secrets_ = std::make_unique<EnvelopeSecrets>(*key);
  core.log_.set_level(LogLevel::error);
  core.make_lifecycle();
  core.lifecycle_->configure();
  std::vector<std::string> lines;
  for (const auto& failure : core.lifecycle_->failures()) lines.push_back(failure.line());
  return lines;
}

void Core::make_lifecycle() {
  hosts_ = std::make_unique<Hosts>(*this);
  lifecycle_ = std::make_unique<Lifecycle>(
      LifecycleParts{configuration_.packages, configuration_.selection, configuration_.settings,
                     [this](const Package& package) {
                       return load_library(package, configuration_.pins, LoadRules{secret_sources_.user, build_facts()});
                     },
                     *hosts_, hosts_->runner(), configuration_.settings.table("server").duration("start_timeout")});
}

Result<> Core::open_secrets() {
  std::optional<MasterKey> configured;
  const auto& settings = configuration_.settings.table("secrets");
  if (settings.has("master_key")) {
    auto text = resolve_secret(settings.secret("master_key"), secret_sources_);
    if (!text.value) return Error(Errc::internal, text.findings.front().line());
    auto key = MasterKey::from_text(text.value->view());
    if (!key) return Error(Errc::internal, "secrets.master_key: " + key.error().detail);
    configured.emplace(*key);
  }
  std::vector<MasterKey> older;
  if (settings.has("older_master_keys")) {
    for (const auto& reference : settings.secrets("older_master_keys")) {
      auto text = resolve_secret(reference, secret_sources_);
      if (!text.value) return Error(Errc::internal, text.findings.front().line());
      auto key = MasterKey::from_text(text.value->view());
      if (!key) return Error(Errc::internal, "secrets.older_master_keys: " + key.error().detail);
      older.push_back(*key);
    }
  }
  constexpr std::string_view kNotData[] = {kServerLock, "driftstack.log", "driftstack.toml", "conf.d", "server.log", "server.err"};
  const std::string folder = data_directory_.string();
  auto keys = open_master_keys(folder, configured, older, kNotData);
  if (!keys) return std::move(keys).error();
  auto root = open_digest_root(folder, *keys);
  if (!root) return std::move(root).error();
  if (keys->changed) log_.info("the master key was changed");
  if (auto confirmed = confirm_master_key(folder, *keys); !confirmed) return confirmed;
  secrets_ = std::make_unique<EnvelopeSecrets>(keys->active, keys->older, *root);
  return Done();
}

Lifecycle& Core::lifecycle() noexcept { return *lifecycle_; }

std::vector<PluginFailure> Core::start_plugins() {
  if (!lifecycle_->start()) return lifecycle_->failures();
  for (const auto& failure : lifecycle_->failures()) log_.warn("optional plugin left out", {LogField("detail", failure.line())});
  return {};
}

void Core::stop_plugins() {
  if (!lifecycle_) return;
  lifecycle_->stop();
}

void Core::wait_for(const std::function<void(std::function<void()>)>& begin) {
  std::mutex mutex;
  std::condition_variable changed;
  bool finished = false;
  begin([&] {
    const std::lock_guard lock(mutex);
    finished = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return finished; });
}

}  // namespace driftstack::kernel

#pragma once
// All browsers of this server: those with a session and those that wait for one. Everything is [loop-thread].

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archetypes.hpp"
#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driver/driver.hpp"
#include "driver/runtime_directory.hpp"
#include "driver/sandbox_trial.hpp"
#include "egress/proxy_probe.hpp"

namespace driftstack::browser_webkit {

/// What a session's browser remembers.
struct Memory {
  bool keeps_state = false;  ///< it will be asked for its state
  MemoryFile state;          ///< to begin with; none: it has seen nothing yet
};

struct FleetOptions {
  std::string program;
  SessionUser user;
  std::size_t warm_sessions = 1;
  std::size_t max_sessions = 64;
  std::int64_t memory_limit = 0;
  std::chrono::milliseconds start_timeout{};
  AllowedTargets egress_allow;
  EgressTarget probe_target;       ///< what is asked for through a proxy that is being tried
  std::int64_t traffic_limit = 0;  ///< bytes of a session
  std::int64_t disk_limit = 0;     ///< bytes of a session's files
  bool sandbox_required = true;    ///< false: sessions run with whatever the machine permits
};

class Fleet {
 public:
  using OnStarted = std::function<void(Result<>)>;
  using OnGone = std::function<void(const std::string& session, const std::string& reason, const browser::Traffic& traffic)>;
  using OnStopped = std::function<void(browser::Stopped)>;

  Fleet(LoopThread& loop, Log& log, const Archetypes& archetypes, FleetOptions options, RuntimeRoot root, OnGone on_gone);
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  /// Starts the warm browsers. `on_ready` is called when the first is ready, or with the reason why none can be.
  void warm_up(OnStarted on_ready);
  /// What is missing of the sandbox, as measured at the start; empty when nothing is.
  const std::string& missing_sandbox() const { return sandbox_.missing; }
  /// Gives the session a browser: a warm one, else a new one. One that keeps its state is always new: the engine opens its stores early.
  void start(const std::string& session, const std::string& archetype, Memory memory, EgressRules rules, OnStarted on_started);
  void probe_proxy(browser::ProbeProxy message, ProxyProbe::OnEnd on_end);
  void command(const std::string& session, protocol::Method method, wire::Json params, std::chrono::milliseconds limit,
               Driver::OnAnswer on_answer);
  void next_frame(const browser::NextFrame& message, FrameFeed::OnFrame on_frame);
  /// Ends the pages of the session; the running command fails with cancelled. Errc::misuse when it was not started to keep its state.
  void save_state(const std::string& session, wire::Json params, std::chrono::milliseconds limit, Driver::OnAnswer on_answer);
  /// The running command of the session, if any, fails with cancelled. `on_stopped` comes when no process is left.
  void stop(const std::string& session, OnStopped on_stopped);
  /// No browser is started after this.
  void stop_all(std::function<void()> on_stopped);

 private:
  using DriverPtr = std::shared_ptr<Driver>;

  Result<DriverPtr> launch(Driver::OnGone on_gone);
  void begin(const DriverPtr& driver, const browser::Archetype& archetype, Memory memory, OnStarted on_started);
  void start_fresh(const std::string& session, const browser::Archetype& archetype, Memory memory, EgressRules rules, OnStarted on_started);
  void hand_over(const DriverPtr& driver, const std::string& session, const browser::Archetype& archetype, EgressRules rules,
                 OnStarted on_started);
  bool is_current(const std::string& session, const DriverPtr& driver) const;
  void measure_sandbox();
  /// Why no session is started here; nothing when they are.
  std::optional<Error> refusal() const;
  void replenish();
  void start_warm();
  void warm_one_ended(const DriverPtr& driver);
  void session_gone(const std::string& session, const std::string& reason);
  void watch_memory();
  Error start_error(const Driver& driver, const Error& error);

  LoopThread& loop_;
  Log& log_;
  const Archetypes& archetypes_;
  FleetOptions options_;
  RuntimeRoot root_;
  Egress egress_;
  OnGone on_gone_;
  std::map<std::string, DriverPtr> sessions_;
  std::vector<DriverPtr> warm_;     // ready
  std::vector<DriverPtr> warming_;  // not ready yet
  std::vector<DriverPtr> all_;      // every one that may still have a process; swept at each launch
  OnStarted on_first_ready_;
  SandboxFacts sandbox_;
  Cgroups cgroups_;
  std::string last_weighed_;
  bool ending_ = false;
};

}  // namespace driftstack::browser_webkit

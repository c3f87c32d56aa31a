#include "driver/fleet.hpp"

#include <algorithm>
#include <utility>

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::milliseconds kPingLimit{2000};
constexpr std::chrono::milliseconds kWarmRetry{5000};
// Each browser is weighed about once in this time; a page that allocates without end gains under 1 GiB meanwhile (measured: 0.5 GiB/s).
constexpr std::chrono::milliseconds kWeighingRound{1000};
// The group counts caches and files too, which the fair count leaves out: a quarter more.
constexpr std::int64_t kGroupSurcharge = 4;
constexpr std::size_t kMostLoggedWords = 300;

wire::Json no_parameters() { return wire::to_json(protocol::Empty()); }

std::string_view last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::size_t begin = text.rfind('\n');
  text = begin == std::string_view::npos ? text : text.substr(begin + 1);
  return text.substr(0, kMostLoggedWords);
}

}  // namespace

Fleet::Fleet(LoopThread& loop, Log& log, const Archetypes& archetypes, FleetOptions options, RuntimeRoot root, OnGone on_gone)
    : loop_(loop),
      log_(log),
      archetypes_(archetypes),
      options_(std::move(options)),
      root_(std::move(root)),
      egress_(loop, options_.egress_allow, options_.traffic_limit),
      on_gone_(std::move(on_gone)) {
  watch_memory();
}

Result<Fleet::DriverPtr> Fleet::launch(Driver::OnGone on_gone) {
  Result<std::string> directory = root_.make_session_directory(options_.user);
  if (!directory) return std::move(directory.error());
  LaunchPlan plan;
  plan.program = options_.program;
  plan.directory = std::move(*directory);
  plan.user = options_.user;
  plan.disk_limit = options_.disk_limit;
  plan.group = cgroups_.make(options_.memory_limit + options_.memory_limit / kGroupSurcharge);
  plan.containment = sandbox_.namespaces ? Containment::namespaces : Containment::none;
  Result<DriverPtr> driver = Driver::launch(egress_, plan, std::move(on_gone));
  if (driver) {
    std::erase_if(all_, [](const DriverPtr& one) { return one->ended(); });
    all_.push_back(*driver);
  }
  return driver;
}

void Fleet::begin(const DriverPtr& driver, const browser::Archetype& archetype, Memory memory, OnStarted on_started) {
  protocol::Start message = Archetypes::start_message(archetype, driver->egress_port());
  message.keeps_state = memory.keeps_state;
  message.engine_sandbox = sandbox_.engine;
  if (memory.keeps_state) driver->set_keeps_state();
  Driver::OnAnswer answered = [this, driver, on_started = std::move(on_started)](const Result<Answer>& answer) {
    if (answer) return on_started(Done());
    Error error = start_error(*driver, answer.error());
    driver->end([] {});
    on_started(std::move(error));
  };
  driver->request(protocol::Method::start, wire::to_json(message), options_.start_timeout, std::move(answered), std::move(memory.state));
}

Error Fleet::start_error(const Driver& driver, const Error& error) {
  if (error.code == Errc::cancelled) return error;
  const std::string_view words = last_line(driver.last_words());
  log_.error("a browser did not start", {LogField("reason", error.detail), LogField("stderr", words)});
  return Error(Errc::driver_error, "the browser did not start: " + error.detail);
}

// Sessions

void Fleet::start(const std::string& session, const std::string& archetype_id, Memory memory, EgressRules rules, OnStarted on_started) {
  const browser::Archetype* archetype = archetypes_.find(archetype_id);
  if (archetype == nullptr) return on_started(Error(Errc::driver_not_integrated, "no such archetype: " + archetype_id));
  if (ending_) return on_started(Error(Errc::cancelled, "the server is stopping"));
  if (std::optional<Error> refused = refusal()) return on_started(*std::move(refused));
  if (sessions_.contains(session)) return on_started(Error(Errc::conflict, "this session has a browser"));
  if (sessions_.size() >= options_.max_sessions) {
    return on_started(Error(Errc::driver_error, "this server has no room for another browser"));
  }
  if (archetype->is_default && !memory.keeps_state && !memory.state && !warm_.empty()) {
    const DriverPtr driver = warm_.back();
    warm_.pop_back();
    hand_over(driver, session, *archetype, std::move(rules), std::move(on_started));
    return replenish();
  }
  start_fresh(session, *archetype, std::move(memory), std::move(rules), std::move(on_started));
}

/// A warm browser answers a ping before it is given away; one that does not is replaced by a new one.
void Fleet::hand_over(const DriverPtr& driver, const std::string& session, const browser::Archetype& archetype, EgressRules rules,
                      OnStarted on_started) {
  sessions_[session] = driver;
  driver->set_egress_rules(rules);
  driver->set_on_gone(nullptr);
  driver->request(
      protocol::Method::ping, no_parameters(), kPingLimit,
      [this, driver, session, &archetype, rules = std::move(rules), on_started = std::move(on_started)](const Result<Answer>& answer) {
        if (answer) {
          driver->set_on_gone([this, session](const std::string& reason) { session_gone(session, reason); });
          return on_started(Done());
        }
        if (!is_current(session, driver)) return on_started(Error(Errc::cancelled, "the session was ended"));
        driver->end([] {});
        sessions_.erase(session);
        start_fresh(session, archetype, Memory(), rules, on_started);
      });
}

void Fleet::start_fresh(const std::string& session, const browser::Archetype& archetype, Memory memory, EgressRules rules,
                        OnStarted on_started) {
  Result<DriverPtr> driver = launch(nullptr);
  if (!driver) {
    log_.error("a browser cannot be started", {LogField("reason", driver.error().detail)});
    return on_started(Error(Errc::driver_not_integrated, driver.error().detail));
  }
  sessions_[session] = *driver;
  (*driver)->set_egress_rules(std::move(rules));
  OnStarted begun = [this, session, started = *driver, on_started = std::move(on_started)](Result<> result) {
    if (!is_current(session, started)) return on_started(Error(Errc::cancelled, "the session was ended"));
    if (!result) {
      sessions_.erase(session);
      return on_started(std::move(result));
    }
    started->set_on_gone([this, session](const std::string& reason) { session_gone(session, reason); });
    on_started(Done());
  };
  begin(*driver, archetype, std::move(memory), std::move(begun));
}

bool Fleet::is_current(const std::string& session, const DriverPtr& driver) const {
  const auto at = sessions_.find(session);
  return at != sessions_.end() && at->second == driver;
}

void Fleet::command(const std::string& session, protocol::Method method, wire::Json params, std::chrono::milliseconds limit,
                    Driver::OnAnswer on_answer) {
  const auto at = sessions_.find(session);
  if (at == sessions_.end()) return on_answer(Error(Errc::driver_error, "this session has no browser"));
  const DriverPtr driver = at->second;  // the answer may take it out of the map
  driver->request(method, std::move(params), limit, std::move(on_answer));
}

void Fleet::next_frame(const browser::NextFrame& message, FrameFeed::OnFrame on_frame) {
  const auto at = sessions_.find(message.session_id);
  if (at == sessions_.end()) return on_frame(Error(Errc::driver_error, "this session has no browser"));
  at->second->frames().next(message.after, std::chrono::milliseconds(message.timeout_ms), std::move(on_frame));
}

void Fleet::save_state(const std::string& session, wire::Json params, std::chrono::milliseconds limit, Driver::OnAnswer on_answer) {
  const auto at = sessions_.find(session);
  if (at == sessions_.end()) return on_answer(Error(Errc::driver_error, "this session has no browser"));
  const DriverPtr driver = at->second;
  if (!driver->keeps_state()) return on_answer(Error(Errc::misuse, "this session keeps no state"));
  driver->save_state(std::move(params), limit, std::move(on_answer));
}

void Fleet::session_gone(const std::string& session, const std::string& reason) {
  const DriverPtr driver = sessions_.at(session);
  sessions_.erase(session);
  const std::string_view words = last_line(driver->last_words());
  log_.warn("a browser is gone", {LogField("session", session), LogField("reason", reason), LogField("stderr", words)});
  on_gone_(session, reason, driver->traffic());
}

void Fleet::probe_proxy(browser::ProbeProxy message, ProxyProbe::OnEnd on_end) {
  ProxyProbe::begin(egress_, std::move(message), options_.probe_target, std::move(on_end));
}

void Fleet::stop(const std::string& session, OnStopped on_stopped) {
  const auto at = sessions_.find(session);
  if (at == sessions_.end()) return on_stopped(browser::Stopped());
  const DriverPtr driver = at->second;
  sessions_.erase(at);
  driver->end([driver, on_stopped = std::move(on_stopped)] {
    browser::Stopped stopped;
    stopped.traffic = driver->traffic();
    on_stopped(stopped);
  });
}

void Fleet::stop_all(std::function<void()> on_stopped) {
  ending_ = true;
  egress_.resolver.stop();
  sessions_.clear();
  warm_.clear();
  warming_.clear();
  const std::vector<DriverPtr> all = std::exchange(all_, {});
  if (all.empty()) return on_stopped();
  const auto left = std::make_shared<std::size_t>(all.size());
  const auto done = std::make_shared<std::function<void()>>(std::move(on_stopped));
  for (const DriverPtr& driver : all) {
    driver->end([left, done] {
      if (--*left == 0) (*done)();
    });
  }
}

// Warm browsers

void Fleet::measure_sandbox() {
  sandbox_ = try_sandbox(root_, options_.user);
  if (!sandbox_.missing.empty() && options_.sandbox_required) {
    log_.error("sessions are refused: their sandbox is missing", {LogField("reason", sandbox_.missing)});
  }
  if (options_.sandbox_required) return;
  const std::string_view missing = sandbox_.missing.empty() ? "nothing: the machine permits all of it" : std::string_view(sandbox_.missing);
  log_.warn("sandbox = \"off\": sessions run with whatever the machine permits", {LogField("missing", missing)});
}

std::optional<Error> Fleet::refusal() const {
  if (sandbox_.missing.empty() || !options_.sandbox_required) return std::nullopt;
  return Error(Errc::driver_not_integrated, "the sandbox of sessions is missing here: " + sandbox_.missing);
}

void Fleet::warm_up(OnStarted on_ready) {
  measure_sandbox();
  if (std::optional<Error> refused = refusal()) return on_ready(*std::move(refused));
  if (options_.warm_sessions == 0) return on_ready(Done());
  on_first_ready_ = std::move(on_ready);
  replenish();
}

void Fleet::replenish() {
  while (!ending_ && warm_.size() + warming_.size() < options_.warm_sessions) {
    const std::size_t before = warming_.size();
    start_warm();
    if (warming_.size() == before) return;  // could not be launched; tried again later
  }
}

void Fleet::start_warm() {
  Result<DriverPtr> driver = launch(nullptr);
  const auto report = [this](Result<> result) {
    if (OnStarted first = std::exchange(on_first_ready_, nullptr)) first(std::move(result));
  };
  const auto retry = [this] { loop_.after(kWarmRetry, [this] { replenish(); }); };
  if (!driver) {
    retry();
    return report(std::move(driver.error()));
  }
  warming_.push_back(*driver);
  begin(*driver, archetypes_.default_one(), Memory(), [this, report, retry, started = *driver](Result<> result) {
    std::erase(warming_, started);
    if (ending_) return report(Error(Errc::cancelled, "the server is stopping"));
    if (result) {
      warm_.push_back(started);
      started->set_on_gone([this, weak = std::weak_ptr(started)](const std::string&) { warm_one_ended(weak.lock()); });
    } else {
      retry();
    }
    report(std::move(result));
  });
}

void Fleet::warm_one_ended(const DriverPtr& driver) {
  std::erase(warm_, driver);
  loop_.after(kWarmRetry, [this] { replenish(); });
}

// Memory

/// One browser per turn, so that weighing never holds the loop for long.
void Fleet::watch_memory() {
  const std::chrono::milliseconds pause = kWeighingRound / static_cast<int>(std::max<std::size_t>(sessions_.size(), 1));
  loop_.after(std::max(pause, std::chrono::milliseconds(1)), [this] {
    auto at = sessions_.upper_bound(last_weighed_);
    if (at == sessions_.end()) at = sessions_.begin();
    if (at != sessions_.end()) {
      last_weighed_ = at->first;
      const DriverPtr driver = at->second;
      if (driver->alive() && driver->memory(options_.memory_limit) > options_.memory_limit) driver->fail(Driver::kTooMuchMemory);
    }
    if (!ending_) watch_memory();
  });
}

}  // namespace driftstack::browser_webkit

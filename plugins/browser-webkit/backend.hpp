#pragma once
// Role BrowserBackend over a fleet of session processes.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "archetypes.hpp"
#include "driftstack/host.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/roles/browser_view.hpp"
#include "driftstack/roles/machine_check.hpp"
#include "driver/fleet.hpp"
#include "driver/loop_thread.hpp"

namespace driftstack::browser_webkit {

/// Tells the listener of browsers that ended by themselves, once each, and never after their stop was answered. [any-thread]
class GoneNotices {
 public:
  void set_listener(browser::Listener* listener);
  void announce(const std::string& session, const browser::Traffic& traffic);
  /// Calls the listener unless the announcement was withdrawn.
  void deliver(const std::string& session, const std::string& reason);
  void withdraw(const std::string& session);

 private:
  std::mutex mutex_;  // held during the listener's call: whoever withdraws or changes the listener waits for it
  browser::Listener* listener_ = nullptr;
  std::map<std::string, browser::Traffic> announced_;
};

class WebkitBackend final : public browser::Backend, public browser::View, public MachineCheck {
 public:
  explicit WebkitBackend(Host& host) noexcept;

  /// Starts the loop thread and the warm browsers. Ok when browsers cannot run here: sessions are refused with the reason then. [io-thread]
  AsyncResult<> open(FleetOptions options, std::string runtime_directory);
  /// Ends every browser. [io-thread]
  AsyncResult<> close();

  std::string_view name() const noexcept override { return "sandbox of sessions"; }
  /// A page of a session of its own tries to get out. Errc::unavailable: what contains sessions is missing, or does not hold.
  AsyncResult<> check(const Call& call) override;

  std::span<const browser::Archetype> archetypes() const noexcept override { return archetypes_.all(); }
  void set_listener(browser::Listener* listener) noexcept override { notices_->set_listener(listener); }

  AsyncResult<> start(const Call& call, browser::Start message) override;
  AsyncResult<browser::Navigated> navigate(const Call& call, browser::Navigate message) override;
  AsyncResult<browser::Interacted> interact(const Call& call, browser::Interact message) override;
  AsyncResult<browser::Waited> wait(const Call& call, browser::Wait message) override;
  AsyncResult<browser::State> state(const Call& call, browser::GetState message) override;
  AsyncResult<browser::Captured> capture(const Call& call, browser::Capture message) override;
  AsyncResult<browser::Extracted> extract(const Call& call, browser::Extract message) override;
  bool fills_in_forms() const noexcept override { return true; }
  AsyncResult<browser::Searched> search(const Call& call, browser::Search message) override;
  AsyncResult<browser::LoggedIn> login(const Call& call, browser::Login message) override;
  AsyncResult<browser::SavedState> save_state(const Call& call, browser::SaveState message) override;
  AsyncResult<browser::ProxyProbed> probe_proxy(const Call& call, browser::ProbeProxy message) override;
  AsyncResult<browser::Stopped> stop(const Call& call, browser::Stop message) override;
  AsyncResult<browser::Frame> next_frame(const Call& call, browser::NextFrame message) override;
  AsyncResult<browser::Interacted> send_input(const Call& call, browser::SendInput message) override;

 private:
  /// Sends a command to the session's browser and waits for the answer.
  Task<Result<Answer>> command(const Call& call, std::string session, protocol::Method method, wire::Json params,
                               std::chrono::milliseconds limit);
  template <class Reply>
  AsyncResult<Reply> ask(const Call& call, std::string session, protocol::Method method, wire::Json params,
                         std::chrono::milliseconds limit);
  AsyncResult<> try_to_get_out(const Call& call);
  void tell_gone(const std::string& session, const std::string& reason, const browser::Traffic& traffic);

  Host& host_;
  Archetypes archetypes_;
  std::shared_ptr<GoneNotices> notices_ = std::make_shared<GoneNotices>();
  std::unique_ptr<Fleet> fleet_;      // used on the loop thread only
  std::unique_ptr<LoopThread> loop_;  // last: ends before the fleet
};

}  // namespace driftstack::browser_webkit

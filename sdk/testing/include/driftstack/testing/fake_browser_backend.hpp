#pragma once
// A browser backend without browsers.

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/roles/browser_view.hpp"

namespace driftstack::testing {

/// Keeps the lifecycle promises of browser::Backend and answers commands from scripts. Commands: `start`, `navigate`, `interact`, `wait`,
/// `state`, `capture`, `extract`, `search`, `login`, `save_state`, `probe_proxy`, `send_input`, `stop`. Every browser shows a picture of
/// one pixel until `show` changes it. What its browsers keep as state are the cookies of `set_cookie`. [any-thread]
///
///   FakeBrowserBackend browsers(host.scheduler());
///   browsers.on_navigate = [](const browser::Navigate&) { return Error(Errc::session_timeout, "too slow"); };
///   browsers.hold("wait");                      // the next waits stay unanswered ...
///   browsers.wait_until_held("wait");           // ... and the test knows when one arrived
///   browsers.release("wait");
class FakeBrowserBackend final : public browser::Backend, public browser::View {
 public:
  template <class Answer, class Message>
  using Script = std::function<Result<Answer>(const Message&)>;

  explicit FakeBrowserBackend(Scheduler& scheduler);

  /// Scripts; set them before the first command. The defaults answer what an obedient page would.
  Script<Done, browser::Start> on_start;
  Script<browser::Navigated, browser::Navigate> on_navigate;
  Script<browser::Interacted, browser::Interact> on_interact;
  Script<browser::Waited, browser::Wait> on_wait;
  Script<browser::State, browser::GetState> on_state;
  Script<browser::Captured, browser::Capture> on_capture;
  Script<browser::Extracted, browser::Extract> on_extract;
  Script<browser::Searched, browser::Search> on_search;
  Script<browser::LoggedIn, browser::Login> on_login;
  /// What `fills_in_forms` answers.
  bool with_forms = true;
  Script<browser::SavedState, browser::SaveState> on_save_state;
  Script<browser::ProxyProbed, browser::ProbeProxy> on_probe_proxy;
  Script<browser::Interacted, browser::SendInput> on_send_input;
  /// What every browser has moved when it ends.
  browser::Traffic traffic;

  /// Commands that reached this backend.
  std::size_t dispatches() const;
  std::size_t dispatches(std::string_view command) const;
  /// Browsers that run now.
  std::vector<std::string> running() const;
  /// As if a page had set it; `state` shows it and `save_state` keeps it.
  void set_cookie(const std::string& session_id, std::string name, std::string value);

  /// As if the page had been painted.
  void show(const std::string& session_id, std::string image, std::int32_t width, std::int32_t height);

  /// Commands of this name wait until `release`, or until their browser ends.
  void hold(std::string command);
  /// Blocks until a command of this name is held. [not on an io thread]
  void wait_until_held(std::string_view command);
  void release(std::string_view command);
  /// Ends a browser: its held command fails with driver_error, then the listener hears. Its calls come on io thread 0.
  void crash(const std::string& session_id, std::string reason);

  std::span<const browser::Archetype> archetypes() const noexcept override;
  void set_listener(browser::Listener* listener) noexcept override;
  AsyncResult<> start(const Call& call, browser::Start message) override;
  AsyncResult<browser::Navigated> navigate(const Call& call, browser::Navigate message) override;
  AsyncResult<browser::Interacted> interact(const Call& call, browser::Interact message) override;
  AsyncResult<browser::Waited> wait(const Call& call, browser::Wait message) override;
  AsyncResult<browser::State> state(const Call& call, browser::GetState message) override;
  AsyncResult<browser::Captured> capture(const Call& call, browser::Capture message) override;
  AsyncResult<browser::Extracted> extract(const Call& call, browser::Extract message) override;
  bool fills_in_forms() const noexcept override { return with_forms; }
  AsyncResult<browser::Searched> search(const Call& call, browser::Search message) override;
  AsyncResult<browser::LoggedIn> login(const Call& call, browser::Login message) override;
  AsyncResult<browser::SavedState> save_state(const Call& call, browser::SaveState message) override;
  AsyncResult<browser::ProxyProbed> probe_proxy(const Call& call, browser::ProbeProxy message) override;
  AsyncResult<browser::Stopped> stop(const Call& call, browser::Stop message) override;
  AsyncResult<browser::Frame> next_frame(const Call& call, browser::NextFrame message) override;
  AsyncResult<browser::Interacted> send_input(const Call& call, browser::SendInput message) override;

 private:
  enum class End : std::uint8_t { running, saved, stopped, crashed };
  struct Browser {
    End end = End::running;
    bool keeps_state = false;
    std::string url;
    std::vector<browser::Cookie> cookies;
    browser::Frame shown;
  };
  struct Held {
    std::string command;
    const Browser* browser;
    IoThread thread;
    std::coroutine_handle<> handle;
  };
  class Gate;

  template <class Answer, class Message>
  AsyncResult<Answer> dispatch(const Call& call, std::string command, Message message, const Script<Answer, Message>& script);
  Result<std::optional<browser::Frame>> newer_frame(const Browser& browser, std::int64_t after);
  std::shared_ptr<Browser> begin(std::string_view command, const std::string& session_id);
  Result<> admit(const browser::Start& message);
  Result<browser::SavedState> pack(const browser::SaveState& message);
  /// False when no such browser runs.
  bool end(const std::string& session_id, End how);
  void resume_if(const std::function<bool(const Held&)>& condition);
  driftstack::detail::Detached tell_gone(std::string session_id, std::string reason);

  Scheduler& scheduler_;
  std::vector<browser::Archetype> archetypes_;
  mutable std::mutex mutex_;
  std::condition_variable held_changed_;
  browser::Listener* listener_ = nullptr;
  std::map<std::string, std::shared_ptr<Browser>> browsers_;
  std::map<std::string, std::size_t, std::less<>> dispatched_;
  std::set<std::string, std::less<>> holding_;
  std::vector<Held> held_;
};

}  // namespace driftstack::testing

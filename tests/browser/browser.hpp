#pragma once
// The real plugin with one session in it, as its customer would use it.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/roles/browser_view.hpp"
#include "driftstack/testing/plugin_fixture.hpp"

namespace driftstack::browser_test {

/// Waits for the news that a browser is gone.
class GoneListener final : public browser::Listener {
 public:
  void browser_gone(std::string session_id, std::string reason, browser::Traffic traffic) noexcept override;
  /// The reason, or nothing within `limit`.
  std::optional<std::string> wait_for(std::string_view session, std::chrono::milliseconds limit);
  std::size_t count() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, std::string>> gone_;
};

struct BrowserOptions {
  std::vector<std::string> egress_allow;
  std::string archetype = "webkit_desktop_1280";
  int warm_sessions = 0;
  std::int64_t memory_limit = std::int64_t{768} << 20;
  std::string proxy_probe = "probe.test:80";
  std::function<void(browser::Start&)> adjust;  ///< of each start
};

class Browser {
 public:
  /// Starts the plugin and a session; fails the test when that does not work.
  explicit Browser(BrowserOptions options);
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  Result<browser::Navigated> navigate(const std::string& url, browser::WaitUntil until = browser::WaitUntil::load,
                                      std::int64_t timeout_ms = 10'000);
  /// Navigates and requires that it worked.
  browser::Navigated open(const std::string& url);

  Result<browser::Interacted> tap(const std::string& selector, std::int64_t timeout_ms = 5000);
  Result<browser::Interacted> type(const std::string& selector, const std::string& text, std::int32_t delay_ms = 0,
                                   std::int64_t timeout_ms = 20'000);
  Result<browser::Interacted> press(const std::string& key);
  Result<browser::Interacted> interact(browser::Action action, std::int64_t timeout_ms = 5000,
                                       std::optional<browser::FrameMatch> frame = std::nullopt);
  Result<browser::Interacted> scroll(std::int32_t delta_x, std::int32_t delta_y, std::optional<std::string> selector = std::nullopt);

  Result<browser::Waited> wait(browser::Condition condition, std::int64_t timeout_ms = 5000,
                               std::optional<browser::FrameMatch> frame = std::nullopt);
  Result<browser::Waited> wait_for(const std::string& selector, std::int64_t timeout_ms = 5000);
  Result<browser::Waited> wait_for_url(const std::string& pattern, std::int64_t timeout_ms = 5000);

  Result<browser::State> state();
  /// The state changes to this within some seconds: what a tap sets going comes after its answer.
  bool becomes(browser::PageLoad state);
  Result<browser::Captured> capture(browser::CaptureKind kind, bool full_page = false);
  Result<browser::Captured> capture(browser::Capture message);
  Result<browser::Extracted> extract(std::vector<browser::Extraction> extractions, std::optional<browser::FrameMatch> frame = std::nullopt);
  Result<browser::Searched> search(browser::Search message);
  Result<browser::LoggedIn> login(browser::Login message);
  /// Text content of the first match, empty when there is none.
  std::string text(const std::string& selector, std::optional<browser::FrameMatch> frame = std::nullopt);

  /// Process ids of the session's tree; the first is the session process.
  std::vector<pid_t> processes() const;
  Result<> start(const std::string& session);
  /// A session that keeps its state, from now on the one that everything above is about.
  Result<> start_keeping(const std::string& session, MemoryFile state = MemoryFile());
  Result<browser::SavedState> save_state();
  Result<browser::SavedState> save_state(const std::string& session);
  Result<browser::Stopped> stop(const std::string& session);
  Result<browser::Stopped> stop() { return stop(session_); }
  const std::string& session() const { return session_; }
  browser::Backend& backend() { return *backend_; }
  /// The newest picture when it is not the one with this sequence, else the next one.
  Result<browser::Frame> next_frame(std::int64_t after, std::int64_t timeout_ms = 10'000);
  Result<browser::Interacted> send_input(browser::Input input);
  testing::FakeHost& host() { return plugin_.host(); }
  GoneListener& listener() { return listener_; }
  /// A call without a caller, alive as long as the browser.
  const Call& call();

 private:
  void show_log();

  BrowserOptions options_;
  GoneListener listener_;
  testing::PluginFixture plugin_;
  browser::Backend* backend_ = nullptr;
  std::string session_ = "ses_test";
  std::unique_ptr<Call> call_;
};

/// Whether this machine permits the sandbox of sessions; where it does not, tests run without, as scripts/run does.
bool sandbox_works();

/// The value of a field of /proc/<pid>/status, without white space at its ends.
std::string process_status(pid_t pid, std::string_view field);
/// The descendants of a process, without itself.
std::vector<pid_t> processes_below(pid_t parent);
/// Waits until none of these processes exists; false when one is left after `limit`.
bool wait_until_gone(const std::vector<pid_t>& processes, std::chrono::milliseconds limit);

}  // namespace driftstack::browser_test

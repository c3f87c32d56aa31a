#include "browser.hpp"

#include <sys/poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "plugins/browser-webkit/driver/process_tree.hpp"
#include "plugins/browser-webkit/driver/sandbox_trial.hpp"

namespace driftstack::browser_test {

void GoneListener::browser_gone(std::string session_id, std::string reason, browser::Traffic) noexcept {
  const std::lock_guard lock(mutex_);
  gone_.emplace_back(std::move(session_id), std::move(reason));
  changed_.notify_all();
}

std::optional<std::string> GoneListener::wait_for(std::string_view session, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const auto find = [&] { return std::find_if(gone_.begin(), gone_.end(), [&](const auto& entry) { return entry.first == session; }); };
  if (!changed_.wait_for(lock, limit, [&] { return find() != gone_.end(); })) return std::nullopt;
  return find()->second;
}

std::size_t GoneListener::count() const {
  const std::lock_guard lock(mutex_);
  return gone_.size();
}

bool sandbox_works() {
  static const bool works = [] {
    Result<browser_webkit::RuntimeRoot> root = browser_webkit::RuntimeRoot::open("");
    const Result<browser_webkit::SessionUser> user = browser_webkit::resolve_session_user("nobody");
    return root && user && browser_webkit::try_sandbox(*root, *user).missing.empty();
  }();
  return works;
}

Browser::Browser(BrowserOptions options)
    : options_(std::move(options)),
      plugin_(DRIFTSTACK_PLUGIN_PACKAGE, {{"egress_allow", options_.egress_allow},
                                          {"warm_sessions", options_.warm_sessions},
                                          {"memory_limit", options_.memory_limit},
                                          {"proxy_probe", options_.proxy_probe},
                                          {"sandbox", sandbox_works() ? "on" : "off"}}) {
  const Result<> configured = plugin_.configure();
  INFO((configured ? std::string() : configured.error().detail));
  REQUIRE(configured);
  const Result<> started = plugin_.start();
  INFO((started ? std::string() : started.error().detail));
  REQUIRE(started);
  backend_ = plugin_.provide<browser::Backend>();
  REQUIRE(backend_ != nullptr);
  testing::call_on_io(host(), [this] { backend_->set_listener(&listener_); });
  const Result<> session = start(session_);
  INFO((session ? std::string() : session.error().detail));
  if (!session) show_log();  // no destructor follows
  REQUIRE(session);
}

/// Shown by Catch when the test fails.
void Browser::show_log() {
  for (const testing::LogLine& line : host().log().lines()) {
    std::string text = line.message;
    for (const auto& [name, value] : line.fields) text += " " + name + "=" + value;
    UNSCOPED_INFO(text);
  }
}

Browser::~Browser() {
  show_log();
  testing::call_on_io(host(), [this] { backend_->set_listener(nullptr); });
}

const Call& Browser::call() {
  call_ = host().call();
  return *call_;
}

Result<> Browser::start(const std::string& session) {
  browser::Start message;
  message.session_id = session;
  message.archetype = options_.archetype;
  if (options_.adjust) options_.adjust(message);
  return testing::run(host(), backend_->start(call(), std::move(message)));
}

Result<> Browser::start_keeping(const std::string& session, MemoryFile state) {
  session_ = session;
  browser::Start message;
  message.session_id = session;
  message.archetype = options_.archetype;
  message.keeps_state = true;
  message.state = std::move(state);
  return testing::run(host(), backend_->start(call(), std::move(message)));
}

Result<browser::SavedState> Browser::save_state() { return save_state(session_); }

Result<browser::SavedState> Browser::save_state(const std::string& session) {
  browser::SaveState message;
  message.session_id = session;
  return testing::run(host(), backend_->save_state(call(), std::move(message)));
}

Result<browser::Stopped> Browser::stop(const std::string& session) {
  browser::Stop message;
  message.session_id = session;
  return testing::run(host(), backend_->stop(call(), std::move(message)));
}

Result<browser::Frame> Browser::next_frame(std::int64_t after, std::int64_t timeout_ms) {
  browser::NextFrame message;
  message.session_id = session_;
  message.after = after;
  message.timeout_ms = timeout_ms;
  return testing::run(host(), plugin_.provide<browser::View>()->next_frame(call(), std::move(message)));
}

Result<browser::Interacted> Browser::send_input(browser::Input input) {
  browser::SendInput message;
  message.session_id = session_;
  message.input = std::move(input);
  return testing::run(host(), plugin_.provide<browser::View>()->send_input(call(), std::move(message)));
}

Result<browser::Navigated> Browser::navigate(const std::string& url, browser::WaitUntil until, std::int64_t timeout_ms) {
  browser::Navigate message;
  message.session_id = session_;
  message.url = url;
  message.wait_until = until;
  message.timeout_ms = timeout_ms;
  return testing::run(host(), backend_->navigate(call(), std::move(message)));
}

browser::Navigated Browser::open(const std::string& url) {
  const Result<browser::Navigated> opened = navigate(url);
  INFO((opened ? std::string() : opened.error().detail));
  REQUIRE(opened);
  return *opened;
}

Result<browser::Interacted> Browser::interact(browser::Action action, std::int64_t timeout_ms, std::optional<browser::FrameMatch> frame) {
  browser::Interact message;
  message.session_id = session_;
  message.action = std::move(action);
  message.frame_match = std::move(frame);
  message.timeout_ms = timeout_ms;
  return testing::run(host(), backend_->interact(call(), std::move(message)));
}

Result<browser::Interacted> Browser::tap(const std::string& selector, std::int64_t timeout_ms) {
  browser::Tap action;
  action.selector = selector;
  return interact(std::move(action), timeout_ms);
}

Result<browser::Interacted> Browser::type(const std::string& selector, const std::string& text, std::int32_t delay_ms,
                                          std::int64_t timeout_ms) {
  browser::TypeText action;
  action.selector = selector;
  action.text = text;
  action.delay_ms = delay_ms;
  return interact(std::move(action), timeout_ms);
}

Result<browser::Interacted> Browser::press(const std::string& key) {
  browser::Press action;
  action.key = key;
  return interact(std::move(action), 5000);
}

Result<browser::Interacted> Browser::scroll(std::int32_t delta_x, std::int32_t delta_y, std::optional<std::string> selector) {
  browser::Scroll action;
  action.selector = std::move(selector);
  action.delta_x = delta_x;
  action.delta_y = delta_y;
  return interact(std::move(action), 5000);
}

Result<browser::Waited> Browser::wait(browser::Condition condition, std::int64_t timeout_ms, std::optional<browser::FrameMatch> frame) {
  browser::Wait message;
  message.session_id = session_;
  message.condition = std::move(condition);
  message.frame_match = std::move(frame);
  message.timeout_ms = timeout_ms;
  return testing::run(host(), backend_->wait(call(), std::move(message)));
}

Result<browser::Waited> Browser::wait_for(const std::string& selector, std::int64_t timeout_ms) {
  browser::SelectorPresent condition;
  condition.selector = selector;
  return wait(std::move(condition), timeout_ms);
}

Result<browser::Waited> Browser::wait_for_url(const std::string& pattern, std::int64_t timeout_ms) {
  browser::UrlMatches condition;
  condition.pattern = pattern;
  return wait(std::move(condition), timeout_ms);
}

Result<browser::Searched> Browser::search(browser::Search message) {
  message.session_id = session_;
  return testing::run(host(), backend_->search(call(), std::move(message)));
}

Result<browser::LoggedIn> Browser::login(browser::Login message) {
  message.session_id = session_;
  return testing::run(host(), backend_->login(call(), std::move(message)));
}

Result<browser::State> Browser::state() {
  browser::GetState message;
  message.session_id = session_;
  return testing::run(host(), backend_->state(call(), std::move(message)));
}

bool Browser::becomes(browser::PageLoad wanted) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < until) {
    const Result<browser::State> now = state();
    REQUIRE(now);
    if (now->page_state && now->page_state->state == wanted) return true;
  }
  return false;
}

Result<browser::Captured> Browser::capture(browser::CaptureKind kind, bool full_page) {
  browser::Capture message;
  message.kind = kind;
  message.full_page = full_page;
  return capture(std::move(message));
}

Result<browser::Captured> Browser::capture(browser::Capture message) {
  message.session_id = session_;
  return testing::run(host(), backend_->capture(call(), std::move(message)));
}

Result<browser::Extracted> Browser::extract(std::vector<browser::Extraction> extractions, std::optional<browser::FrameMatch> frame) {
  browser::Extract message;
  message.session_id = session_;
  message.extractions = std::move(extractions);
  message.frame_match = std::move(frame);
  return testing::run(host(), backend_->extract(call(), std::move(message)));
}

std::string Browser::text(const std::string& selector, std::optional<browser::FrameMatch> frame) {
  browser::Extraction extraction;
  extraction.name = "text";
  extraction.selector = selector;
  std::vector<browser::Extraction> extractions;
  extractions.push_back(std::move(extraction));
  const Result<browser::Extracted> extracted = extract(std::move(extractions), std::move(frame));
  INFO((extracted ? std::string() : extracted.error().detail));
  REQUIRE(extracted);
  return extracted->value.view().find("text")->as_text().value_or("");
}

std::vector<pid_t> Browser::processes() const { return processes_below(getpid()); }

std::vector<pid_t> processes_below(pid_t parent) {
  std::vector<pid_t> tree = browser_webkit::descendants_of(parent);
  std::erase(tree, parent);
  return tree;
}

std::string process_status(pid_t pid, std::string_view field) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(std::string(field) + ":")) continue;
    const std::size_t begin = line.find_first_not_of(" \t", field.size() + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return "";
}

bool wait_until_gone(const std::vector<pid_t>& processes, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (const pid_t pid : processes) {
    const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (descriptor < 0) continue;  // gone already
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd wanted{descriptor, POLLIN, 0};
    const bool gone = poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) == 1;
    close(descriptor);
    if (!gone) return false;
  }
  return true;
}

}  // namespace driftstack::browser_test

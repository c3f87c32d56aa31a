#include "driftstack/testing/fake_browser_backend.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "driftstack/support/state_archive.hpp"

namespace driftstack::testing {

namespace {

constexpr std::string_view kCookiesPath = "cookies.json";

struct KeptCookies {
  std::vector<browser::Cookie> cookies;
  static constexpr auto shape = wire::object(wire::field<&KeptCookies::cookies>("cookies"));
};

Result<std::vector<browser::Cookie>> read_cookies(const MemoryFile& state) {
  const auto entries = read_state_archive(state);
  if (!entries) return entries.error();
  KeptCookies kept;
  wire::Issues issues;
  for (const StateEntry& entry : *entries) {
    const auto content = entry.path == kCookiesPath ? read_state_entry(state, entry) : Result<std::string>();
    if (!content) return content.error();
    if (entry.path == kCookiesPath && wire::read(*content, kept, issues) != wire::Outcome::ok) {
      return Error(Errc::bad_request, "the kept cookies cannot be read: " + issues.summary());
    }
  }
  return std::move(kept.cookies);
}

/// A PNG of one transparent pixel.
std::string one_pixel_png() {
  constexpr unsigned char kPng[] = {0x89, 'P',  'N',  'G',  '\r', '\n', 0x1a, '\n', 0,    0,    0,   13,  'I',  'H',  'D',  'R',  0,
                                    0,    0,    1,    0,    0,    0,    1,    8,    6,    0,    0,   0,   0x1f, 0x15, 0xc4, 0x89, 0,
                                    0,    0,    13,   'I',  'D',  'A',  'T',  'x',  0x9c, 0x63, 0,   1,   0,    0,    5,    0,    1,
                                    0x0d, 0x0a, 0x2d, 0xb4, 0,    0,    0,    0,    'I',  'E',  'N', 'D', 0xae, 'B',  0x60, 0x82};
  return std::string(reinterpret_cast<const char*>(kPng), sizeof kPng);
}

std::string capture_bytes(browser::CaptureKind kind) {
  switch (kind) {
    case browser::CaptureKind::screenshot:
      return one_pixel_png();
    case browser::CaptureKind::dom_snapshot:
      return "<!DOCTYPE html><html><head></head><body></body></html>";
    case browser::CaptureKind::text:
    case browser::CaptureKind::markdown:
      return "\n";
    case browser::CaptureKind::accessibility:
      return "{\"role\":\"document\",\"name\":\"\"}";
    case browser::CaptureKind::links:
      return "[]";
    case browser::CaptureKind::pdf:
      break;
  }
  return "%PDF-1.4\n%%EOF\n";
}

browser::Archetype archetype(std::string id, std::string label, std::string device, std::int32_t width, std::int32_t height,
                             std::int32_t scale) {
  browser::Archetype result;
  result.id = std::move(id);
  result.display_label = std::move(label);
  result.device = std::move(device);
  result.platform_version = "fake";
  result.engine_version = "fake";
  result.width = width;
  result.height = height;
  result.scale = scale;
  return result;
}

}  // namespace

/// Parks a command while its name is held and its browser lives.
class FakeBrowserBackend::Gate {
 public:
  Gate(FakeBrowserBackend& backend, std::string command, const Browser& browser, IoThread thread)
      : backend_(backend), command_(std::move(command)), browser_(browser), thread_(thread) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle) {
    const std::lock_guard lock(backend_.mutex_);
    const bool over =
        browser_.end == End::stopped || browser_.end == End::crashed || (browser_.end == End::saved && command_ != "save_state");
    if (!backend_.holding_.contains(command_) || over) return false;
    backend_.held_.push_back(Held{command_, &browser_, thread_, handle});
    backend_.held_changed_.notify_all();
    return true;
  }
  void await_resume() const noexcept {}

 private:
  FakeBrowserBackend& backend_;
  std::string command_;
  const Browser& browser_;
  IoThread thread_;
};

FakeBrowserBackend::FakeBrowserBackend(Scheduler& scheduler) : scheduler_(scheduler) {
  archetypes_.push_back(archetype("fake_desktop", "Fake desktop", "desktop", 1280, 720, 1));
  archetypes_.front().is_default = true;
  archetypes_.push_back(archetype("fake_mobile", "Fake mobile", "mobile", 390, 844, 3));

  on_start = [](const browser::Start&) { return Result<>(); };
  on_navigate = [](const browser::Navigate& message) {
    browser::Navigated answer;
    answer.status = 200;
    answer.final_url = message.url;
    return Result<browser::Navigated>(std::move(answer));
  };
  on_interact = [](const browser::Interact&) { return Result<browser::Interacted>(); };
  on_wait = [](const browser::Wait&) {
    browser::Waited answer;
    answer.satisfied = true;
    return Result<browser::Waited>(answer);
  };
  on_state = [this](const browser::GetState& message) {
    browser::State answer;
    const std::lock_guard lock(mutex_);
    const auto found = browsers_.find(message.session_id);
    if (found != browsers_.end()) answer.cookies = found->second->cookies;
    if (found != browsers_.end() && !found->second->url.empty()) {
      answer.url = found->second->url;
      answer.title = "";
      answer.page_state.emplace().state = browser::PageLoad::loaded;
    }
    return Result<browser::State>(std::move(answer));
  };
  on_capture = [](const browser::Capture& message) {
    browser::Captured answer;
    answer.bytes.data = capture_bytes(message.kind);
    return Result<browser::Captured>(std::move(answer));
  };
  on_extract = [](const browser::Extract& message) {
    std::string text = "{";
    for (const auto& extraction : message.extractions) {
      if (text.size() > 1) text += ',';
      wire::append_json_string(text, extraction.name);
      text += extraction.type == browser::ExtractType::list ? ":[]" : ":null";
    }
    browser::Extracted answer;
    answer.value = wire::Json::from_compact(text + "}");
    return Result<browser::Extracted>(std::move(answer));
  };
  on_search = [](const browser::Search& message) {
    browser::Searched answer;
    answer.submitted = message.submit;
    if (message.wait_for_results_selector) answer.results_visible = true;
    return Result<browser::Searched>(answer);
  };
  on_login = [](const browser::Login&) {
    browser::LoggedIn answer;
    answer.submitted = answer.logged_in = true;
    answer.post_login_url = "https://example.com/home";
    return Result<browser::LoggedIn>(std::move(answer));
  };
  on_save_state = [this](const browser::SaveState& message) { return pack(message); };
  on_probe_proxy = [](const browser::ProbeProxy&) { return Result<browser::ProxyProbed>(); };
  on_send_input = [](const browser::SendInput&) { return Result<browser::Interacted>(); };
}

std::size_t FakeBrowserBackend::dispatches() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [command, times] : dispatched_) count += times;
  return count;
}

std::size_t FakeBrowserBackend::dispatches(std::string_view command) const {
  const std::lock_guard lock(mutex_);
  const auto found = dispatched_.find(command);
  return found == dispatched_.end() ? 0 : found->second;
}

std::vector<std::string> FakeBrowserBackend::running() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const auto& [id, browser] : browsers_) ids.push_back(id);
  return ids;
}

void FakeBrowserBackend::set_cookie(const std::string& session_id, std::string name, std::string value) {
  const std::lock_guard lock(mutex_);
  const auto found = browsers_.find(session_id);
  if (found == browsers_.end()) return;
  browser::Cookie& cookie = found->second->cookies.emplace_back();
  cookie.name = std::move(name);
  cookie.value = std::move(value);
  cookie.domain = "example.com";
  cookie.path = "/";
}

void FakeBrowserBackend::hold(std::string command) {
  const std::lock_guard lock(mutex_);
  holding_.insert(std::move(command));
}

void FakeBrowserBackend::wait_until_held(std::string_view command) {
  std::unique_lock lock(mutex_);
  held_changed_.wait(lock,
                     [&] { return std::any_of(held_.begin(), held_.end(), [&](const Held& held) { return held.command == command; }); });
}

void FakeBrowserBackend::release(std::string_view command) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = holding_.find(command); found != holding_.end()) holding_.erase(found);
  }
  resume_if([command](const Held& held) { return held.command == command; });
}

void FakeBrowserBackend::crash(const std::string& session_id, std::string reason) {
  if (end(session_id, End::crashed)) tell_gone(session_id, std::move(reason));
}

std::span<const browser::Archetype> FakeBrowserBackend::archetypes() const noexcept { return archetypes_; }

void FakeBrowserBackend::set_listener(browser::Listener* listener) noexcept {
  const std::lock_guard lock(mutex_);
  listener_ = listener;
}

AsyncResult<> FakeBrowserBackend::start(const Call& call, browser::Start message) {
  auto admitted = admit(message);
  if (!admitted) co_return std::move(admitted).error();
  const std::string session_id = message.session_id;
  auto started = co_await dispatch(call, "start", std::move(message), on_start);
  if (!started) end(session_id, End::stopped);
  co_return started;
}

AsyncResult<browser::Navigated> FakeBrowserBackend::navigate(const Call& call, browser::Navigate message) {
  const std::string session_id = message.session_id;
  auto answer = co_await dispatch(call, "navigate", std::move(message), on_navigate);
  if (answer) {
    const std::lock_guard lock(mutex_);
    const auto found = browsers_.find(session_id);
    if (found != browsers_.end()) found->second->url = answer->final_url;
  }
  co_return answer;
}

AsyncResult<browser::Interacted> FakeBrowserBackend::interact(const Call& call, browser::Interact message) {
  return dispatch(call, "interact", std::move(message), on_interact);
}
AsyncResult<browser::Waited> FakeBrowserBackend::wait(const Call& call, browser::Wait message) {
  return dispatch(call, "wait", std::move(message), on_wait);
}
AsyncResult<browser::State> FakeBrowserBackend::state(const Call& call, browser::GetState message) {
  return dispatch(call, "state", std::move(message), on_state);
}
AsyncResult<browser::Captured> FakeBrowserBackend::capture(const Call& call, browser::Capture message) {
  return dispatch(call, "capture", std::move(message), on_capture);
}
AsyncResult<browser::Extracted> FakeBrowserBackend::extract(const Call& call, browser::Extract message) {
  return dispatch(call, "extract", std::move(message), on_extract);
}

AsyncResult<browser::Searched> FakeBrowserBackend::search(const Call& call, browser::Search message) {
  return dispatch(call, "search", std::move(message), on_search);
}
AsyncResult<browser::LoggedIn> FakeBrowserBackend::login(const Call& call, browser::Login message) {
  return dispatch(call, "login", std::move(message), on_login);
}

AsyncResult<browser::SavedState> FakeBrowserBackend::save_state(const Call& call, browser::SaveState message) {
  const auto browser = begin("save_state", message.session_id);
  if (!browser) co_return Error(Errc::driver_error, "no browser runs for session " + message.session_id);
  if (!browser->keeps_state) co_return Error(Errc::misuse, "session " + message.session_id + " keeps no state");
  {
    const std::lock_guard lock(mutex_);
    browser->end = End::saved;
  }
  resume_if([&browser](const Held& held) { return held.browser == browser.get(); });
  Gate gate(*this, "save_state", *browser, call.io_thread());
  co_await gate;
  {
    const std::lock_guard lock(mutex_);
    if (browser->end == End::stopped) co_return Error(Errc::cancelled, "the session was stopped");
    if (browser->end == End::crashed) co_return Error(Errc::driver_error, "the browser crashed");
  }
  co_return on_save_state(message);
}

Result<browser::SavedState> FakeBrowserBackend::pack(const browser::SaveState& message) {
  KeptCookies kept;
  {
    const std::lock_guard lock(mutex_);
    const auto found = browsers_.find(message.session_id);
    if (found != browsers_.end()) kept.cookies = found->second->cookies;
  }
  auto writer = StateArchiveWriter::begin();
  if (!writer) return std::move(writer).error();
  auto added = writer->add(kCookiesPath, StateKind::kept, wire::to_text(kept));
  if (!added) return std::move(added).error();
  auto archive = writer->finish();
  if (!archive) return std::move(archive).error();
  browser::SavedState saved;
  saved.state = std::move(*archive);
  return saved;
}

AsyncResult<browser::ProxyProbed> FakeBrowserBackend::probe_proxy(const Call&, browser::ProbeProxy message) {
  {
    const std::lock_guard lock(mutex_);
    ++dispatched_["probe_proxy"];
  }
  co_return on_probe_proxy(message);
}

AsyncResult<browser::Stopped> FakeBrowserBackend::stop(const Call&, browser::Stop message) {
  {
    const std::lock_guard lock(mutex_);
    ++dispatched_["stop"];
  }
  browser::Stopped stopped;
  if (end(message.session_id, End::stopped)) stopped.traffic = traffic;
  co_return stopped;
}

AsyncResult<browser::Interacted> FakeBrowserBackend::send_input(const Call& call, browser::SendInput message) {
  return dispatch(call, "send_input", std::move(message), on_send_input);
}

void FakeBrowserBackend::show(const std::string& session_id, std::string image, std::int32_t width, std::int32_t height) {
  const std::lock_guard lock(mutex_);
  const auto found = browsers_.find(session_id);
  if (found == browsers_.end()) return;
  browser::Frame& shown = found->second->shown;
  ++shown.sequence;
  shown.width = width;
  shown.height = height;
  shown.image.data = std::move(image);
}

Result<std::optional<browser::Frame>> FakeBrowserBackend::newer_frame(const Browser& browser, std::int64_t after) {
  const std::lock_guard lock(mutex_);
  if (browser.end == End::crashed) return Error(Errc::driver_error, "the browser crashed");
  if (browser.end != End::running) return Error(Errc::cancelled, "the session was stopped");
  return browser.shown.sequence > after ? std::optional(browser.shown) : std::nullopt;
}

AsyncResult<browser::Frame> FakeBrowserBackend::next_frame(const Call& call, browser::NextFrame message) {
  constexpr std::chrono::milliseconds kLook{5};  // how often; nobody paints without a test
  const auto browser = begin("next_frame", message.session_id);
  if (!browser) co_return Error(Errc::driver_error, "no browser runs for session " + message.session_id);
  for (std::chrono::milliseconds looked{0}; looked.count() <= message.timeout_ms; looked += kLook) {
    auto frame = newer_frame(*browser, message.after);
    if (!frame) co_return std::move(frame).error();
    if (*frame) co_return **std::move(frame);
    co_await until(scheduler_, std::chrono::steady_clock::now() + kLook, call.io_thread());
  }
  co_return browser::Frame();
}

template <class Answer, class Message>
AsyncResult<Answer> FakeBrowserBackend::dispatch(const Call& call, std::string command, Message message,
                                                 const Script<Answer, Message>& script) {
  const auto browser = begin(command, message.session_id);
  if (!browser) co_return Error(Errc::driver_error, "no browser runs for session " + message.session_id);
  Gate gate(*this, std::move(command), *browser, call.io_thread());
  co_await gate;
  End how;
  {
    const std::lock_guard lock(mutex_);
    how = browser->end;
  }
  if (how == End::saved || how == End::stopped) co_return Error(Errc::cancelled, "the session was stopped");
  if (how == End::crashed) co_return Error(Errc::driver_error, "the browser crashed");
  co_return script(message);
}

std::shared_ptr<FakeBrowserBackend::Browser> FakeBrowserBackend::begin(std::string_view command, const std::string& session_id) {
  const std::lock_guard lock(mutex_);
  ++dispatched_[std::string(command)];
  const auto found = browsers_.find(session_id);
  return found == browsers_.end() ? nullptr : found->second;
}

Result<> FakeBrowserBackend::admit(const browser::Start& message) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(archetypes_.begin(), archetypes_.end(), [&](const auto& a) { return a.id == message.archetype; });
  if (known == archetypes_.end()) return Error(Errc::driver_not_integrated, "There is no archetype " + message.archetype + ".");
  auto browser = std::make_shared<Browser>();
  browser->keeps_state = message.keeps_state;
  browser->shown.sequence = 1;
  browser->shown.width = browser->shown.height = 1;
  browser->shown.image.data = one_pixel_png();
  if (message.state) {
    auto cookies = read_cookies(message.state);
    if (!cookies) return Error(Errc::driver_error, "the state cannot be read: " + cookies.error().detail);
    browser->cookies = std::move(*cookies);
  }
  if (!browsers_.emplace(message.session_id, std::move(browser)).second)
    return Error(Errc::misuse, "session " + message.session_id + " has a browser already");
  return Done();
}

bool FakeBrowserBackend::end(const std::string& session_id, End how) {
  std::shared_ptr<Browser> browser;
  {
    const std::lock_guard lock(mutex_);
    const auto found = browsers_.find(session_id);
    if (found == browsers_.end()) return false;
    browser = found->second;
    browser->end = how;
    browsers_.erase(found);
  }
  resume_if([&browser](const Held& held) { return held.browser == browser.get(); });
  return true;
}

void FakeBrowserBackend::resume_if(const std::function<bool(const Held&)>& condition) {
  const std::lock_guard lock(mutex_);
  const auto first = std::stable_partition(held_.begin(), held_.end(), [&](const Held& held) { return !condition(held); });
  for (auto held = first; held != held_.end(); ++held) scheduler_.resume_on_io(held->thread, held->handle);
  held_.erase(first, held_.end());
}

driftstack::detail::Detached FakeBrowserBackend::tell_gone(std::string session_id, std::string reason) {
  co_await on_io(scheduler_, 0);
  browser::Listener* listener = nullptr;
  {
    const std::lock_guard lock(mutex_);
    listener = listener_;
  }
  if (listener != nullptr) listener->browser_gone(std::move(session_id), std::move(reason), traffic);
}

}  // namespace driftstack::testing

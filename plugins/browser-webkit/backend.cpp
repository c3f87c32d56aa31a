#include "backend.hpp"

#include <sys/socket.h>

#include "driver/containment.hpp"
#include "on_loop.hpp"

namespace driftstack::browser_webkit {
namespace {

using protocol::Method;

// A session process keeps the time of its commands itself; one that is this much later does not answer any more.
constexpr std::chrono::milliseconds kGrace{5000};
constexpr std::chrono::milliseconds kReadLimit{20'000};     // a little over the session process's own limit for reading
constexpr std::chrono::milliseconds kCaptureLimit{35'000};  // the same for captures
constexpr std::chrono::milliseconds kInputLimit{10'000};    // the same for input by hand
constexpr std::chrono::milliseconds kSaveLimit{25'000};     // the same for a state
constexpr IoThread kFirstIoThread = 0;
constexpr const char* kSandboxSession = "sandbox";  // no session of a customer has such an id
constexpr std::int64_t kTryTimeout = 5000;

std::chrono::milliseconds limit_for(std::int64_t timeout_ms) { return std::chrono::milliseconds(timeout_ms) + kGrace; }

Error nonsense() { return Error(Errc::driver_error, "the browser answered nonsense"); }

}  // namespace

// GoneNotices

void GoneNotices::set_listener(browser::Listener* listener) {
  const std::lock_guard lock(mutex_);
  listener_ = listener;
}

void GoneNotices::announce(const std::string& session, const browser::Traffic& traffic) {
  const std::lock_guard lock(mutex_);
  announced_[session] = traffic;
}

void GoneNotices::deliver(const std::string& session, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  const auto announced = announced_.extract(session);
  if (announced && listener_ != nullptr) listener_->browser_gone(session, reason, announced.mapped());
}

void GoneNotices::withdraw(const std::string& session) {
  const std::lock_guard lock(mutex_);
  announced_.erase(session);
}

// WebkitBackend

WebkitBackend::WebkitBackend(Host& host) noexcept : host_(host) {}

AsyncResult<> WebkitBackend::open(FleetOptions options, std::string runtime_directory) {
  Result<RuntimeRoot> root = RuntimeRoot::open(std::move(runtime_directory));
  if (!root) co_return std::move(root.error());
  loop_ = std::make_unique<LoopThread>();
  const IoThread home = host_.scheduler().current_io_thread();
  on_loop<Result<>>::Begin begin = [this, &options, &root](on_loop<Result<>>::Finish finish) {
    fleet_ = std::make_unique<Fleet>(*loop_, host_.log(), archetypes_, std::move(options), std::move(*root),
                                     [this](const std::string& session, const std::string& reason, const browser::Traffic& traffic) {
                                       tell_gone(session, reason, traffic);
                                     });
    fleet_->warm_up(std::move(finish));
  };
  on_loop<Result<>> warm(*loop_, host_.scheduler(), home, std::move(begin));
  const Result<> warmed = co_await warm;
  if (!warmed) host_.log().error("browsers cannot be started on this server", {LogField("reason", warmed.error().detail)});
  co_return Done();
}

AsyncResult<> WebkitBackend::check(const Call& call) {
  on_loop<std::string>::Begin begin = [this](const on_loop<std::string>::Finish& finish) { finish(fleet_->missing_sandbox()); };
  on_loop<std::string> asked(*loop_, host_.scheduler(), call.io_thread(), std::move(begin));
  const std::string missing = co_await asked;
  if (!missing.empty()) co_return Error(Errc::unavailable, missing);
  co_return co_await try_to_get_out(call);
}

AsyncResult<> WebkitBackend::try_to_get_out(const Call& call) {
  const Descriptor canary(listen_on_loopback(0));
  browser::Start begin;
  begin.session_id = kSandboxSession;
  begin.archetype = archetypes_.default_one().id;
  Result<> started = co_await start(call, std::move(begin));
  if (!started) co_return started;
  browser::Navigate navigate_out;
  navigate_out.session_id = kSandboxSession;
  navigate_out.url = "http://127.0.0.1:" + std::to_string(port_of(canary.get())) + "/";
  navigate_out.timeout_ms = kTryTimeout;
  (void)co_await navigate(call, std::move(navigate_out));  // how it fails is of no interest, only whether anything arrived
  browser::Stop end;
  end.session_id = kSandboxSession;
  (void)co_await stop(call, std::move(end));
  const Descriptor arrived(accept4(canary.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (arrived) co_return Error(Errc::unavailable, "a page reached a server on the loopback of this machine");
  co_return Done();
}

AsyncResult<> WebkitBackend::close() {
  if (!loop_) co_return Done();
  const IoThread home = host_.scheduler().current_io_thread();
  on_loop<Done>::Begin begin = [this](on_loop<Done>::Finish finish) { fleet_->stop_all([finish = std::move(finish)] { finish(Done()); }); };
  on_loop<Done> stopped(*loop_, host_.scheduler(), home, std::move(begin));
  co_await stopped;
  loop_.reset();
  fleet_.reset();
  co_return Done();
}

/// Runs on the loop thread; the listener is called on an io thread.
void WebkitBackend::tell_gone(const std::string& session, const std::string& reason, const browser::Traffic& traffic) {
  notices_->announce(session, traffic);
  [](std::shared_ptr<GoneNotices> notices, Scheduler& scheduler, std::string id, std::string why) -> driftstack::detail::Detached {
    co_await on_io(scheduler, kFirstIoThread);
    notices->deliver(id, why);
  }(notices_, host_.scheduler(), session, reason);
}

AsyncResult<> WebkitBackend::start(const Call& call, browser::Start message) {
  on_loop<Result<>>::Begin begin = [this, &message](on_loop<Result<>>::Finish finish) {
    Memory memory;
    memory.keeps_state = message.keeps_state;
    memory.state = std::move(message.state);
    EgressRules rules;
    rules.domains.allowed = std::move(message.allowed_domains);
    rules.domains.blocked = std::move(message.blocked_domains);
    if (message.proxy) rules.upstream = std::make_shared<browser::Proxy>(std::move(*message.proxy));
    fleet_->start(message.session_id, message.archetype, std::move(memory), std::move(rules), std::move(finish));
  };
  on_loop<Result<>> started(*loop_, host_.scheduler(), call.io_thread(), std::move(begin));
  co_return co_await started;
}

AsyncResult<browser::SavedState> WebkitBackend::save_state(const Call& call, browser::SaveState message) {
  on_loop<Result<Answer>>::Begin begin = [this, &message](on_loop<Result<Answer>>::Finish finish) {
    fleet_->save_state(message.session_id, wire::to_json(message), kSaveLimit, std::move(finish));
  };
  on_loop<Result<Answer>> answered(*loop_, host_.scheduler(), call.io_thread(), std::move(begin));
  Result<Answer> answer = co_await answered;
  if (!answer) co_return std::move(answer.error());
  if (!answer->state) co_return nonsense();
  browser::SavedState saved;
  saved.state = std::move(answer->state);
  co_return saved;
}

AsyncResult<browser::ProxyProbed> WebkitBackend::probe_proxy(const Call& call, browser::ProbeProxy message) {
  on_loop<browser::ProxyProbed>::Begin begin = [this, &message](on_loop<browser::ProxyProbed>::Finish finish) {
    fleet_->probe_proxy(std::move(message), std::move(finish));
  };
  on_loop<browser::ProxyProbed> probed(*loop_, host_.scheduler(), call.io_thread(), std::move(begin));
  co_return co_await probed;
}

AsyncResult<browser::Stopped> WebkitBackend::stop(const Call& call, browser::Stop message) {
  on_loop<browser::Stopped>::Begin begin = [this, &message](on_loop<browser::Stopped>::Finish finish) {
    fleet_->stop(message.session_id, std::move(finish));
  };
  on_loop<browser::Stopped> stopped(*loop_, host_.scheduler(), call.io_thread(), std::move(begin));
  const browser::Stopped result = co_await stopped;
  notices_->withdraw(message.session_id);
  co_return result;
}

AsyncResult<browser::Frame> WebkitBackend::next_frame(const Call& call, browser::NextFrame message) {
  on_loop<Result<browser::Frame>>::Begin begin = [this, &message](on_loop<Result<browser::Frame>>::Finish finish) {
    fleet_->next_frame(message, std::move(finish));
  };
  on_loop<Result<browser::Frame>> answered(*loop_, host_.scheduler(), call.io_thread(), std::move(begin));
  co_return co_await answered;
}

AsyncResult<browser::Interacted> WebkitBackend::send_input(const Call& call, browser::SendInput message) {
  return ask<browser::Interacted>(call, message.session_id, Method::send_input, wire::to_json(message), kInputLimit);
}

Task<Result<Answer>> WebkitBackend::command(const Call& call, std::string session, Method method, wire::Json params,
                                            std::chrono::milliseconds limit) {
  on_loop<Result<Answer>>::Begin begin = [this, &session, method, &params, limit](on_loop<Result<Answer>>::Finish finish) {
    fleet_->command(session, method, std::move(params), limit, std::move(finish));
  };
  on_loop<Result<Answer>> answered(*loop_, host_.scheduler(), call.io_thread(), std::move(begin));
  co_return co_await answered;
}

template <class Reply>
AsyncResult<Reply> WebkitBackend::ask(const Call& call, std::string session, Method method, wire::Json params,
                                      std::chrono::milliseconds limit) {
  Result<Answer> answer = co_await command(call, std::move(session), method, std::move(params), limit);
  if (!answer) co_return std::move(answer.error());
  Reply reply;
  wire::Issues issues;
  if (wire::read(answer->result.text(), reply, issues) != wire::Outcome::ok) co_return nonsense();
  co_return reply;
}

AsyncResult<browser::Navigated> WebkitBackend::navigate(const Call& call, browser::Navigate message) {
  return ask<browser::Navigated>(call, message.session_id, Method::navigate, wire::to_json(message), limit_for(message.timeout_ms));
}

AsyncResult<browser::Interacted> WebkitBackend::interact(const Call& call, browser::Interact message) {
  return ask<browser::Interacted>(call, message.session_id, Method::interact, wire::to_json(message), limit_for(message.timeout_ms));
}

AsyncResult<browser::Waited> WebkitBackend::wait(const Call& call, browser::Wait message) {
  return ask<browser::Waited>(call, message.session_id, Method::wait, wire::to_json(message), limit_for(message.timeout_ms));
}

AsyncResult<browser::State> WebkitBackend::state(const Call& call, browser::GetState message) {
  return ask<browser::State>(call, message.session_id, Method::state, wire::to_json(message), kReadLimit);
}

AsyncResult<browser::Extracted> WebkitBackend::extract(const Call& call, browser::Extract message) {
  return ask<browser::Extracted>(call, message.session_id, Method::extract, wire::to_json(message), kReadLimit);
}

AsyncResult<browser::Searched> WebkitBackend::search(const Call& call, browser::Search message) {
  const auto limit = limit_for(browser::kFillInMs + message.timeout_ms);
  return ask<browser::Searched>(call, message.session_id, Method::search, wire::to_json(message), limit);
}

AsyncResult<browser::LoggedIn> WebkitBackend::login(const Call& call, browser::Login message) {
  const auto limit = limit_for(browser::kFillInMs + message.timeout_ms);
  return ask<browser::LoggedIn>(call, message.session_id, Method::login, wire::to_json(message), limit);
}

AsyncResult<browser::Captured> WebkitBackend::capture(const Call& call, browser::Capture message) {
  wire::Json params = wire::to_json(message);
  Result<Answer> answer = co_await command(call, message.session_id, Method::capture, std::move(params), kCaptureLimit);
  if (!answer) co_return std::move(answer.error());
  protocol::Captured captured;
  wire::Issues issues;
  if (wire::read(answer->result.text(), captured, issues) != wire::Outcome::ok) co_return nonsense();
  browser::Captured result;
  result.bytes.data = std::move(answer->attachment);
  result.duration_ms = captured.duration_ms;
  co_return result;
}

}  // namespace driftstack::browser_webkit

#include "one_shot/one_shots.hpp"

#include <optional>
#include <utility>

#include "capture_answer.hpp"
#include "session_creator.hpp"

namespace driftstack::sessions {
namespace {

// How soon a client that went away, or a server that stops, ends a run.
constexpr std::chrono::milliseconds kWatchPeriod{100};
// Stopping a browser and freeing its place belong to no request.
constexpr std::chrono::seconds kFinishLimit{30};

Error cap_reached(std::int64_t taken, std::int64_t limit) {
  return Error(Errc::concurrency_limit,
               "Account already has " + std::to_string(taken) + " active sessions; tier permits " + std::to_string(limit) + ".")
      .with_members("\"current_sessions\":" + std::to_string(taken) + ",\"limit\":" + std::to_string(limit));
}

}  // namespace

// Shared by the run and by who watches it; both are on one io thread.
struct OneShots::Run {
  explicit Run(const Call& call) : call(call), id(SessionId::random()) {}
  const Call& call;  // the request's: only while it is not over
  SessionId id;
  Moment finish_by;             // of the command that runs
  std::optional<Error> cut_by;  // why the watcher ended it
  bool over = false;
  bool stopped = false;  // the watcher's stop was answered
  std::coroutine_handle<> waiter;
};

// The watcher's stop, when there is one: a second one would be answered before the browser is gone.
class OneShots::CutIsDone {
 public:
  explicit CutIsDone(Run& run) noexcept : run_(run) {}
  bool await_ready() const noexcept { return !run_.cut_by || run_.stopped; }
  void await_suspend(std::coroutine_handle<> waiter) const noexcept { run_.waiter = waiter; }
  void await_resume() const noexcept {}

 private:
  Run& run_;
};

AsyncResult<OneShotCatch> OneShots::run(const Call& call, browser::Navigate navigate, browser::Capture capture) {
  const InFlight::Token token(in_flight_);
  if (backend_ == nullptr) co_return Error(Errc::driver_not_integrated, "No browser backend runs on this server.");
  if (closed_.load()) co_return Error(Errc::feature_unavailable, "The server stops.");
  const auto run = std::make_shared<Run>(call);
  auto taken = co_await take_slot(call, *run, navigate.timeout_ms);
  if (!taken) co_return std::move(taken).error();
  const Moment begun = host_.clock().steady();
  run->finish_by = begun + kStartLimit + kGrace;
  in_flight_.spawn(watch(run, call.io_thread()));
  auto captured = co_await drive(*run, std::move(navigate), std::move(capture));
  run->over = true;
  co_await CutIsDone(*run);
  co_await finish(*run);
  if (run->cut_by) co_return *run->cut_by;
  if (!captured) co_return std::move(captured).error();
  OneShotCatch caught;
  caught.run = run->id;
  caught.captured = *std::move(captured);
  caught.captured.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(host_.clock().steady() - begun).count();
  co_return std::move(caught);
}

AsyncResult<> OneShots::take_slot(const Call& call, const Run& run, std::int64_t timeout_ms) {
  const auto longest = kStartLimit + std::chrono::milliseconds(timeout_ms + kReadTimeoutMs) + 3 * kGrace + kFinishLimit;
  const std::int64_t now = host_.clock().unix_micros();
  const std::int64_t limit = accounts_.caps(call.principal()->effective_tier.view()).concurrent_sessions;
  const std::int64_t expires_at = now + std::chrono::microseconds(longest).count();
  auto taken = co_await slots_.take(call, call.principal()->effective_account, run.id, limit, now, expires_at);
  if (!taken) co_return std::move(taken).error();
  if (*taken >= limit) co_return cap_reached(*taken, limit);
  co_return Done();
}

AsyncResult<browser::Captured> OneShots::drive(Run& run, browser::Navigate navigate, browser::Capture capture) {
  const std::string request_id(run.call.request_id());
  const IoThread thread = run.call.io_thread();
  browser::Start start;
  start.session_id = navigate.session_id = capture.session_id = run.id.to_text();
  start.archetype = catalog_.default_id();
  const Call start_call(request_id, thread, host_.clock().steady() + kStartLimit);
  auto started = co_await backend_->start(start_call, std::move(start));
  co_await on_io(host_.scheduler(), thread);
  if (!started) {
    const bool missing = started.error().code == Errc::driver_not_integrated;
    co_return Error(missing ? Errc::driver_not_integrated : Errc::driver_error,
                    "The browser could not be started: " + started.error().detail);
  }
  if (run.cut_by) co_return *run.cut_by;
  const std::int64_t timeout_ms = navigate.timeout_ms;
  run.finish_by = host_.clock().steady() + std::chrono::milliseconds(timeout_ms) + kGrace;
  const Call navigate_call(request_id, thread, run.finish_by);
  auto navigated = co_await backend_->navigate(navigate_call, std::move(navigate));
  co_await on_io(host_.scheduler(), thread);
  if (!navigated) co_return error_shown(std::move(navigated).error(), timeout_ms);
  run.finish_by = host_.clock().steady() + std::chrono::milliseconds(kReadTimeoutMs) + kGrace;
  const Call capture_call(request_id, thread, run.finish_by);
  auto captured = co_await backend_->capture(capture_call, std::move(capture));
  co_await on_io(host_.scheduler(), thread);
  if (!captured) co_return error_shown(std::move(captured).error(), kReadTimeoutMs);
  co_return captured;
}

// The place is free only when the browser is gone, so that there are never more browsers than the cap allows.
Task<> OneShots::finish(const Run& run) {
  const IoThread thread = host_.scheduler().current_io_thread();
  co_await stop_browser(run);
  const Call call("one-shot-end", thread, host_.clock().steady() + kFinishLimit);
  auto freed = co_await slots_.free(call, run.id);
  if (!freed) host_.log().error("the place of a one-shot run is free later", {{"run", run.id.to_text()}, {"error", freed.error().detail}});
}

Task<> OneShots::stop_browser(const Run& run) {
  const IoThread thread = host_.scheduler().current_io_thread();
  const Call call("one-shot-end", thread, host_.clock().steady() + kFinishLimit);
  browser::Stop message;
  message.session_id = run.id.to_text();
  auto stopped = co_await backend_->stop(call, std::move(message));
  co_await on_io(host_.scheduler(), thread);
  if (!stopped) host_.log().error("a browser could not be stopped", {{"session", run.id.to_text()}, {"error", stopped.error().detail}});
}

// Nobody tells a run that its client went away; a browser that does not answer tells nothing at all.
Task<> OneShots::watch(std::shared_ptr<Run> run, IoThread thread) {
  for (;;) {
    co_await until(host_.scheduler(), host_.clock().steady() + kWatchPeriod, thread);
    if (run->over) co_return;
    if (run->call.cancelled()) run->cut_by.emplace(Errc::cancelled, "The client went away.");
    if (closed_.load()) run->cut_by.emplace(Errc::feature_unavailable, "The server stops.");
    if (host_.clock().steady() >= run->finish_by) run->cut_by.emplace(Errc::driver_error, "The browser did not answer in time.");
    if (!run->cut_by) continue;
    co_await stop_browser(*run);
    run->stopped = true;
    if (run->waiter) host_.scheduler().resume_on_io(thread, run->waiter);
    co_return;
  }
}

}  // namespace driftstack::sessions

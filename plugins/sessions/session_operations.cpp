#include "session_operations.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "capture_answer.hpp"
#include "driftstack/support/issues.hpp"
#include "driftstack/support/routes.hpp"

namespace driftstack::sessions {
namespace {

Error not_claimed(const LiveSession& session, Status found) {
  if (session.is_controlled())
    return Error(Errc::conflict, "A person is in control of the session; automation is paused.").with_members("\"code\":\"paused\"");
  if (found == Status::busy) return Error(Errc::conflict, "The session is busy with another operation; one runs at a time.");
  return Error(Errc::conflict, "The session is still being created.");
}

constexpr std::int64_t kMaxFillInMs = 600'000;  // sessions.md 4.10 and 4.11: no longer duration is reported

// Whoever waited in vain for a field hears how long.
Error field_missing(Error error) {
  if (error.code != Errc::session_timeout) return error;
  return std::move(error).with_members("\"timeout_ms\":" + std::to_string(browser::kFindFieldMs));
}

// Of two extractions with one name the last wins (sessions.md 15).
std::vector<browser::Extraction> last_of_each_name(std::vector<browser::Extraction> all) {
  std::set<std::string> later;
  std::vector<browser::Extraction> kept;
  for (auto item = all.rbegin(); item != all.rend(); ++item) {
    if (later.insert(item->name).second) kept.push_back(std::move(*item));
  }
  return {std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend())};
}

}  // namespace

AsyncResult<> SessionOperations::explain_absence(const Call& call, SessionId id) {
  auto row = co_await store_.find(call, call.principal()->effective_account, id);
  if (!row) co_return std::move(row).error();
  if (!*row) co_return Error(Errc::not_found, "There is no such session.");
  if (is_terminal((*row)->status)) co_return Error(Errc::session_destroyed, "The session has ended.");
  co_return Error(Errc::conflict, "The session is still being created.");
}

AsyncResult<std::shared_ptr<LiveSession>> SessionOperations::claim(const Call& call, SessionId id, Operation operation, Moment finish_by) {
  auto session = registry_.find(call.principal()->effective_account, id);
  if (!session || backend_ == nullptr) {
    auto why = co_await explain_absence(call, id);
    co_return std::move(why).error();
  }
  const Status found = session->claim(operation, finish_by);
  if (found == Status::ready) co_return std::move(session);
  if (!is_terminal(found)) co_return not_claimed(*session, found);
  (void)co_await after_end(std::move(session));
  co_return Error(Errc::session_destroyed, "The session has ended.");
}

// Whoever hears of an end finds it in the record: the row is carried out first.
AsyncResult<> SessionOperations::after_end(std::shared_ptr<LiveSession> session) {
  const Error error = error_of(*session->ending());
  (void)co_await ender_.carry_out(std::move(session));
  co_return error;
}

AsyncResult<> SessionOperations::after_failure(std::shared_ptr<LiveSession> session, Operation operation, std::int64_t timeout_ms,
                                               Error error) {
  if (aftermath(operation, error.code) == Aftermath::lives) {
    if (session->release() == Status::ready) co_return error_shown(std::move(error), timeout_ms);
    co_return co_await after_end(std::move(session));
  }
  Ending ending(EndReason::driver, host_.clock().unix_micros(), std::string(name_of(operation)) + " failed: " + error.detail);
  const bool decided_it = session->end(std::move(ending));
  auto ended = co_await after_end(std::move(session));
  if (!decided_it) co_return ended;
  co_return error_shown(std::move(error), timeout_ms);
}

template <class Answer, class Command>
AsyncResult<Answer> SessionOperations::drive(const Call& call, SessionId id, Operation operation, std::int64_t timeout_ms, Command& command,
                                             ActionFacts facts) {
  const InFlight::Token token(in_flight_);
  const Moment begun = host_.clock().steady();
  const Moment finish_by = host_.clock().steady() + std::chrono::milliseconds(timeout_ms) + kGrace;
  auto claimed = co_await claim(call, id, operation, finish_by);
  if (!claimed) co_return std::move(claimed).error();
  const auto session = *std::move(claimed);
  // A call of its own: a client that goes away half-way must not leave a half-done page behind.
  const Call command_call(std::string(call.request_id()), call.io_thread(), finish_by);
  Result<Answer> answer = co_await command(command_call);
  co_await on_io(host_.scheduler(), call.io_thread());
  if (!answer) {
    auto failure = co_await after_failure(session, operation, timeout_ms, std::move(answer).error());
    notes_.note_action(call, id, operation, facts, begun, &failure.error());
    co_return std::move(failure).error();
  }
  if (session->release() == Status::ready) {
    notes_.note_action(call, id, operation, facts, begun, nullptr);
    co_return answer;
  }
  auto ended = co_await after_end(session);
  notes_.note_action(call, id, operation, facts, begun, &ended.error());
  co_return std::move(ended).error();
}

AsyncResult<body::Navigated> SessionOperations::navigate(const Call& call, SessionId id, body::Navigate body) {
  auto command = [&](const Call& command_call) {
    browser::Navigate message;
    message.session_id = id.to_text();
    message.url = body.url.text();
    message.wait_until = body.wait_until;
    message.timeout_ms = body.timeout_ms;
    return backend_->navigate(command_call, std::move(message));
  };
  auto done = co_await drive<browser::Navigated>(call, id, Operation::navigate, body.timeout_ms, command);
  notes_.note_navigation(call, id, body.url.text(), done);
  if (!done) co_return std::move(done).error();
  body::Navigated answer;
  answer.url = body.url.text();
  answer.status = done->status;
  answer.final_url = std::move(done->final_url);
  answer.duration_ms = done->duration_ms;
  co_return std::move(answer);
}

AsyncResult<body::Interacted> SessionOperations::interact(const Call& call, SessionId id, body::Interact body) {
  ActionFacts facts = facts_of(body.action);
  auto command = [&](const Call& command_call) {
    browser::Interact message;
    message.session_id = id.to_text();
    message.action = std::move(body.action);
    message.frame_match = std::move(body.frame_match);
    message.timeout_ms = body.timeout_ms;
    return backend_->interact(command_call, std::move(message));
  };
  auto done = co_await drive<browser::Interacted>(call, id, Operation::interact, body.timeout_ms, command, std::move(facts));
  if (!done) co_return std::move(done).error();
  body::Interacted answer;
  answer.duration_ms = done->duration_ms;
  co_return answer;
}

AsyncResult<browser::Waited> SessionOperations::wait(const Call& call, SessionId id, body::Wait body) {
  const bool is_pattern = std::holds_alternative<browser::UrlMatches>(body.condition);
  auto command = [&](const Call& command_call) {
    browser::Wait message;
    message.session_id = id.to_text();
    message.condition = std::move(body.condition);
    message.frame_match = std::move(body.frame_match);
    message.timeout_ms = body.timeout_ms;
    return backend_->wait(command_call, std::move(message));
  };
  auto done = co_await drive<browser::Waited>(call, id, Operation::wait, body.timeout_ms, command);
  if (done || done.error().code != Errc::bad_request || !is_pattern) co_return done;
  // Only the engine that runs the expression can say whether it is one.
  wire::Issues issues;
  issues.add({"condition", "pattern"}, wire::IssueCode::pattern, "must be a regular expression");
  co_return validation_error(issues);
}

AsyncResult<body::State> SessionOperations::state(const Call& call, SessionId id) {
  auto command = [&](const Call& command_call) {
    browser::GetState message;
    message.session_id = id.to_text();
    return backend_->state(command_call, std::move(message));
  };
  auto done = co_await drive<browser::State>(call, id, Operation::state, kReadTimeoutMs, command);
  if (!done) co_return std::move(done).error();
  const std::int64_t now = host_.clock().unix_micros();
  auto noted = co_await store_.note_state_read(call, call.principal()->effective_account, id, now);
  if (!noted) co_return std::move(noted).error();
  body::State answer;
  answer.url = std::move(done->url);
  answer.title = std::move(done->title);
  answer.cookies = std::move(done->cookies);
  answer.local_storage = std::move(done->local_storage);
  answer.page_state = std::move(done->page_state);
  for (browser::Popup& popup : done->popups) {
    body::Popup& shown = answer.popups.emplace_back();
    shown.url = std::move(popup.url);
    shown.at = Timestamp::from_micros(popup.at);
  }
  answer.captured_at = Timestamp::from_micros(now);
  co_return std::move(answer);
}

AsyncResult<body::Captured> SessionOperations::capture(const Call& call, SessionId id, body::Capture body) {
  if (body.store && !artifacts_.can_keep()) co_return Error(Errc::feature_unavailable, "This server has no object store.");
  auto command = [&](const Call& command_call) { return backend_->capture(command_call, capture_message(id.to_text(), body)); };
  auto done = co_await drive<browser::Captured>(call, id, Operation::capture, kReadTimeoutMs, command);
  if (!done) co_return std::move(done).error();
  std::optional<Error> refusal = refuse_capture(body, done->bytes.data.size());
  if (refusal) co_return *std::move(refusal);
  if (!body.store) co_return capture_answer(body.kind, *std::move(done));
  const InFlight::Token token(in_flight_);  // a server that stops waits for what is being stored
  co_return co_await store_capture(call, artifacts_, id, std::move(body), *std::move(done));
}

AsyncResult<browser::Extracted> SessionOperations::extract(const Call& call, SessionId id, body::Extract body) {
  auto command = [&](const Call& command_call) {
    browser::Extract message;
    message.session_id = id.to_text();
    message.extractions = last_of_each_name(std::move(body.extractions));
    message.frame_match = std::move(body.frame_match);
    return backend_->extract(command_call, std::move(message));
  };
  co_return co_await drive<browser::Extracted>(call, id, Operation::extract, kReadTimeoutMs, command);
}

AsyncResult<browser::Searched> SessionOperations::search(const Call& call, SessionId id, body::Search body) {
  const std::int64_t timeout_ms = std::int64_t{body.timeout_seconds} * 1000;
  auto command = [&](const Call& command_call) {
    browser::Search message;
    message.session_id = id.to_text();
    message.query = std::move(body.query);
    message.search_selector = std::move(body.search_selector);
    message.submit = body.submit;
    message.wait_for_results_selector = std::move(body.wait_for_results_selector);
    message.timeout_ms = timeout_ms;
    return backend_->search(command_call, std::move(message));
  };
  auto done = co_await drive<browser::Searched>(call, id, Operation::search, browser::kFillInMs + timeout_ms, command);
  if (!done) co_return field_missing(std::move(done).error());
  done->duration_ms = std::min(done->duration_ms, kMaxFillInMs);
  co_return done;
}

AsyncResult<browser::LoggedIn> SessionOperations::login(const Call& call, SessionId id, body::Login body) {
  const std::int64_t timeout_ms = std::int64_t{body.timeout_seconds} * 1000;
  auto command = [&](const Call& command_call) {
    browser::Login message;
    message.session_id = id.to_text();
    message.username = body.username.reveal();
    message.password = body.password.reveal();
    message.username_selector = std::move(body.username_selector);
    message.password_selector = std::move(body.password_selector);
    message.submit_selector = std::move(body.submit_selector);
    message.success_selector = std::move(body.success_selector);
    message.timeout_ms = timeout_ms;
    return backend_->login(command_call, std::move(message));
  };
  auto done = co_await drive<browser::LoggedIn>(call, id, Operation::login, browser::kFillInMs + timeout_ms, command);
  if (!done) co_return field_missing(std::move(done).error());
  done->duration_ms = std::min(done->duration_ms, kMaxFillInMs);
  co_return done;
}

}  // namespace driftstack::sessions

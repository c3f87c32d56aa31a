#include "view/view_routes.hpp"

#include <optional>
#include <utility>

#include "view/view_stream.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::size_t kMostInputBytes = 16 * 1024;  // a text of 1000 characters, escaped
constexpr std::int64_t kRetrySeconds = 30;

// Whatever is wrong with a token is one answer: who guesses learns nothing.
Error bad_token() { return Error(Errc::unauthorized, "The view token is not valid."); }

}  // namespace

void ViewRoutes::declare(Routes& routes) {
  const ScopeSet read{Scope::read, Scope::read_sessions};
  routes
      .post("/v1/sessions/{id}/view-token", "create_view_token",
            "A token for ten minutes of looking at a session; with `\"mode\": \"control\"` of clicking and typing, which needs "
            "`write:sessions`.")
      .bearer(read, TeamAccess::admin_write)
      .charges_owner()
      .optional_body()
      .success(201)
      .to<&ViewRoutes::make_token>(*this);
  routes
      .get("/v1/sessions/{id}/view", "view_session",
           "WebSocket of pictures, one binary message each; takes input as text messages when the token is for control.")
      .open()
      .websocket(kMostInputBytes)
      .query<body::ViewQuery>()
      .to<&ViewRoutes::view>(*this);
}

AsyncResult<body::ViewToken> ViewRoutes::make_token(const Call& call, const Request& request, body::ViewTokenCreate body) {
  const auto id = SessionId::from_text(request.parameter("id"));
  const Principal& caller = *call.principal();
  const bool may_control = caller.scopes.satisfies(Scope::write_sessions);
  if (body.mode == ViewMode::control && !may_control)
    co_return Error(Errc::forbidden, "A token for control needs the scope \"write\" or \"write:sessions\".");
  if (!id) co_return Error(Errc::not_found, "There is no such session.");
  auto row = co_await sessions_.find(call, caller.effective_account, *id);
  if (!row) co_return std::move(row).error();
  if (!*row) co_return Error(Errc::not_found, "There is no such session.");
  if (is_terminal((*row)->status)) co_return Error(Errc::session_destroyed, "The session has ended.");
  if (view_ == nullptr) co_return Error(Errc::driver_not_integrated, "The browser backend of this server shows no sessions.");
  const std::int64_t now = host_.clock().unix_micros();
  const Moment begun = host_.clock().steady();
  body::ViewToken answer;
  answer.token = new_view_token();
  answer.mode = body.mode;
  answer.expires_at = Timestamp::from_micros(now + kViewTokenMicros);
  ViewToken token;
  token.digest = digest_of_view_token(host_.secrets(), answer.token);
  token.account = caller.effective_account;
  token.session = *id;
  token.mode = body.mode;
  token.expires_at = now + kViewTokenMicros;
  token.log_days = accounts_.caps(caller.effective_tier.view()).session_log_days;
  auto kept = co_await store_.insert(call, token, now);
  if (!kept) co_return std::move(kept).error();
  ActionFacts facts;
  facts.kind = wire::enum_text(body.mode);
  notes_.note_action(call, *id, Operation::view_token, facts, begun, nullptr);
  co_return std::move(answer);
}

AsyncResult<ViewToken> ViewRoutes::token_of(const Call& call, const Request& request) {
  auto asked = bind_query<body::ViewQuery>(request);
  const auto id = SessionId::from_text(request.parameter("id"));
  if (!asked || !id) co_return bad_token();
  const std::string digest = digest_of_view_token(host_.secrets(), asked->token);
  auto token = co_await store_.find(call, digest, *id, host_.clock().unix_micros());
  if (!token) co_return std::move(token).error();
  if (!*token) co_return bad_token();
  auto row = co_await sessions_.find(call, (*token)->account, *id);
  if (!row) co_return std::move(row).error();
  if (!*row || is_terminal((*row)->status)) co_return bad_token();  // it ended with its session
  co_return **std::move(token);
}

AsyncResult<Response> ViewRoutes::view(const Call& call, const Request& request) {
  auto found = co_await token_of(call, request);
  if (!found) co_return std::move(found).error();
  ViewToken token = *std::move(found);
  const SessionId id = token.session;
  auto session = registry_.find(id);
  if (!session || view_ == nullptr || session->status() == Status::creating)
    co_return Error(Errc::conflict, "The session cannot be shown: it is being created, or runs on another server.");
  if (!viewers_->enter(id)) {
    co_return Error(Errc::rate_limited, "As many as " + std::to_string(Viewers::kMost) + " look at this session already.")
        .with_retry_after(kRetrySeconds);
  }
  const bool controls = token.mode == ViewMode::control;
  if (controls && !session->take_control()) {
    viewers_->leave(id);
    co_return Error(Errc::conflict, "Somebody else is in control of the session.").with_members("\"code\":\"controlled\"");
  }
  auto on_end = [viewers = viewers_, session, id, controls] {
    if (controls) session->give_control_back();
    viewers->leave(id);
  };
  Response response;
  response.messages =
      std::make_unique<ViewStream>(host_, in_flight_, notes_, *view_, std::move(session), std::move(token), std::move(on_end));
  co_return std::move(response);
}

}  // namespace driftstack::sessions

#include "log/log_routes.hpp"

#include <optional>
#include <string>
#include <utility>

#include "driftstack/roles/caller_standing.hpp"
#include "driftstack/support/issues.hpp"
#include "page_cursor.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::int64_t kStreamRetrySeconds = 30;  // as for notification streams (identity.md 11)

Error no_session() { return Error(Errc::not_found, "There is no such session."); }

AsyncResult<bool> session_is_over(SessionStore& sessions, const Call& call, Uuid account, SessionId id) {
  auto row = co_await sessions.find(call, account, id);
  if (!row) co_return std::move(row).error();
  co_return !*row || is_terminal((*row)->status);
}

AsyncResult<bool> still_holds(Host& host, const Call& call, Principal caller) {
  auto* const standing = host.find<CallerStanding>();
  if (standing == nullptr) co_return true;
  co_return co_await standing->holds(call, caller);
}

Result<LogKinds> kinds_of(const std::optional<std::string>& text) {
  LogKinds kinds{};
  if (!text) {
    kinds.fill(true);
    return kinds;
  }
  std::string_view rest = *text;
  for (bool more = true; more;) {
    const auto comma = rest.find(',');
    const auto kind = wire::enum_from_text<LogKind>(rest.substr(0, comma));
    if (!kind) {
      wire::Issues issues;
      issues.add("kind", wire::IssueCode::enumeration, "must be kinds between commas: navigation, console, network, error, action");
      return validation_error(issues);
    }
    kinds[static_cast<std::size_t>(*kind)] = true;
    more = comma != std::string_view::npos;
    if (more) rest.remove_prefix(comma + 1);
  }
  return kinds;
}

}  // namespace

body::LogEntry body::show(sessions::LogEntry entry) {
  LogEntry shown;
  shown.id = entry.id;
  shown.session_id = entry.session;
  shown.kind = entry.kind;
  shown.level = entry.level;
  shown.message = std::move(entry.message);
  shown.url = std::move(entry.url);
  shown.at = Timestamp::from_micros(entry.at);
  shown.data = wire::Json::from_compact(std::move(entry.data));
  return shown;
}

bool LogRoutes::OpenStreams::enter(const Uuid& account) {
  const std::lock_guard lock(mutex);
  int& open = count[account];
  if (open >= kMostStreams) return false;
  ++open;
  return true;
}

void LogRoutes::OpenStreams::leave(const Uuid& account) {
  const std::lock_guard lock(mutex);
  const auto found = count.find(account);
  if (found != count.end() && --found->second == 0) count.erase(found);
}

void LogRoutes::declare(Routes& routes) {
  const ScopeSet read{Scope::read, Scope::read_sessions};
  routes
      .get("/v1/sessions/{id}/logs", "list_session_logs",
           "What happened in a session, newest first; as it happens with Accept: text/event-stream.")
      .bearer(read, TeamAccess::member_read)
      .charges_owner()
      .query<body::LogQuery>()
      .answers<Page<body::LogEntry>>()
      .to<&LogRoutes::logs>(*this);
}

AsyncResult<Response> LogRoutes::logs(const Call& call, const Request& request) {
  auto asked = bind_query<body::LogQuery>(request);
  if (!asked) co_return std::move(asked).error();
  const auto kinds = kinds_of(asked->kind);
  if (!kinds) co_return kinds.error();
  const auto id = SessionId::from_text(request.parameter("id"));
  if (!id) co_return no_session();
  auto row = co_await sessions_.find(call, call.principal()->effective_account, *id);
  if (!row) co_return std::move(row).error();
  if (!*row) co_return no_session();
  const bool live = request.header("accept").find("text/event-stream") != std::string_view::npos;
  auto task = live ? follow(call, *id, *kinds) : page(call, *id, *std::move(asked), *kinds);
  auto answer = co_await std::move(task);
  co_return answer;
}

AsyncResult<Response> LogRoutes::page(const Call& call, SessionId id, body::LogQuery asked, LogKinds kinds) {
  const Uuid account = call.principal()->effective_account;
  const PageCursor cursor(host_.secrets(), account, "GET /v1/sessions/logs " + id.to_text() + " " + asked.kind.value_or("all"));
  const auto after = cursor.position(asked.cursor);
  if (!after) co_return after.error();
  auto written = co_await log_.write(call);
  if (!written) co_return std::move(written).error();
  const auto limit = static_cast<std::size_t>(asked.limit);
  const std::int64_t one_more = asked.limit + 1;
  auto entries = co_await store_.page(call, account, id, kinds, host_.clock().unix_micros(), *after, one_more);
  if (!entries) co_return std::move(entries).error();
  Page<body::LogEntry> answer;
  if (entries->size() > limit) answer.continue_at(cursor.behind((*entries)[limit - 1].at, (*entries)[limit - 1].id.uuid()));
  for (std::size_t i = 0; i < entries->size() && i < limit; ++i) answer.data.push_back(body::show(std::move((*entries)[i])));
  co_return json_response(200, answer);
}

AsyncResult<Response> LogRoutes::follow(const Call& call, SessionId id, LogKinds kinds) {
  LogFollow follow;
  follow.account = call.principal()->effective_account;
  follow.session = id;
  follow.kinds = kinds;
  follow.behind = host_.clock().unix_micros();
  if (!open_->enter(follow.account)) {
    co_return Error(Errc::rate_limited, "The account follows " + std::to_string(kMostStreams) + " logs already.")
        .with_retry_after(kStreamRetrySeconds);
  }
  SessionStore& sessions = sessions_;
  LogStream::Questions ask;
  ask.may_read = [&host = host_, caller = *call.principal()](const Call& read_call) -> AsyncResult<bool> {
    return still_holds(host, read_call, caller);
  };
  ask.is_over = [&sessions, account = follow.account, id](const Call& read_call) -> AsyncResult<bool> {
    return session_is_over(sessions, read_call, account, id);
  };
  auto on_end = [open = open_, account = follow.account] { open->leave(account); };
  Response response(200, std::string());
  response.events = std::make_unique<LogStream>(host_, log_, store_, follow, std::move(ask), std::move(on_end));
  co_return std::move(response);
}

}  // namespace driftstack::sessions

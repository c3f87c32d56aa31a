#include "kernel/pipeline/pipeline.hpp"

#include <sys/random.h>

#include <algorithm>

#include "driftstack/problem.hpp"
#include "driftstack/support/hex.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/support/public_id.hpp"
#include "kernel/pipeline/canonical_path.hpp"
#include "kernel/pipeline/header_name.hpp"
#include "kernel/pipeline/problem.hpp"
#include "kernel/pipeline/websocket_handshake.hpp"

namespace driftstack::kernel {
namespace {

// The longest operation is 120 s (platform.md 1); what is not done by then is not worth waiting for.
constexpr std::chrono::seconds kRequestDeadline{150};
constexpr std::size_t kMostRequestIdLength = 128;  // platform.md 3

std::string_view first_header(std::span<const HeaderView> headers, std::string_view lower) noexcept {
  for (const auto& header : headers)
    if (same_header(header.name, lower)) return header.value;
  return {};
}

std::size_t count_headers(std::span<const HeaderView> headers, std::string_view lower) noexcept {
  return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(), [&](const auto& h) { return same_header(h.name, lower); }));
}

bool is_request_id(std::string_view text) noexcept {
  if (text.empty() || text.size() > kMostRequestIdLength) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

/// The token of `Authorization: Bearer <token>`; an empty view when there is none.
std::string_view bearer_token(std::string_view authorization) noexcept {
  constexpr std::string_view kScheme = "bearer ";
  if (!header_starts_with(authorization, kScheme)) return {};
  authorization.remove_prefix(kScheme.size());
  while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
  if (authorization.find_first_of(" \t") != std::string_view::npos) return {};
  return authorization;
}

/// `application/json` or `application/<x>+json`, with or without parameters.
bool is_json_type(std::string_view content_type) noexcept {
  const auto type = content_type.substr(0, content_type.find(';'));
  auto trimmed = type;
  while (!trimmed.empty() && trimmed.back() == ' ') trimmed.remove_suffix(1);
  if (same_header(trimmed, "application/json")) return true;
  return header_starts_with(trimmed, "application/") && trimmed.size() > 5 && same_header(trimmed.substr(trimmed.size() - 5), "+json");
}

bool needs_credential(const Route& route) noexcept {
  switch (route.authentication) {
    case Authentication::bearer:
    case Authentication::web_session:
    case Authentication::bearer_or_ticket:
    case Authentication::staff:
      return true;
    default:
      return false;
  }
}

bool honours_team_header(const Route& route) noexcept {
  return route.team == TeamAccess::member_read || route.team == TeamAccess::admin_write || route.team == TeamAccess::admin_only;
}

/// True when the role is enough for the route (platform.md 1: reads member and admin, writes admin).
bool role_suffices(TeamRole role, TeamAccess access) noexcept {
  if (role == TeamRole::owner || role == TeamRole::admin) return true;
  return access == TeamAccess::member_read;
}

std::string needed_scopes(const ScopeSet& scopes) {
  std::string text;
  for (std::size_t i = 0; i < kScopeCount; ++i) {
    if (!scopes.contains(static_cast<Scope>(i))) continue;
    text += text.empty() ? "\"" : " or \"";
    text += std::string(kScopeNames[i]) + "\"";
  }
  return text;
}

bool holds_any(const Principal& caller, const ScopeSet& scopes) noexcept {
  if (scopes.empty()) return true;
  for (std::size_t i = 0; i < kScopeCount; ++i)
    if (scopes.contains(static_cast<Scope>(i)) && caller.scopes.satisfies(static_cast<Scope>(i))) return true;
  return false;
}

}  // namespace

Pipeline::Pipeline(PipelineOptions options, PipelineParts parts)
    : options_(std::move(options)),
      parts_(parts),
      addresses_(options_.trusted_proxies),
      cors_(options_.cors_origins),
      response_head_(options_.hsts),
      rate_limits_(parts.rate_limiter),
      access_log_(*parts.log, *parts.metrics, *parts.clock),
      request_ids_(options_.io_threads) {
  for (auto& ids : request_ids_) {
    if (getrandom(ids.state, sizeof ids.state, 0) != sizeof ids.state) std::abort();  // no entropy, no server
  }
  access_log_.prepare(parts_.routes->routes());
}

// ---------------------------------------------------------------- run

Task<> Pipeline::run(Exchange& exchange) {
  begin(exchange);
  auto outcome = co_await answer(exchange);
  compose(exchange, std::move(outcome));
}

void Pipeline::refuse(Exchange& exchange, const Error& error) {
  if (!exchange.call) begin(exchange);
  exchange.close = true;
  compose(exchange, error);
}

AsyncResult<Response> Pipeline::answer(Exchange& exchange) {
  Request request;
  auto matched = check_host(exchange);
  if (matched) matched = match(exchange, request);
  if (!matched) {
    // What leads to no operation is open to everybody, so it draws on the address like every public route.
    auto drawn = co_await draw_address(exchange, "ip:public");
    if (!drawn) co_return std::move(drawn).error();
    co_return std::move(matched).error();
  }
  if (exchange.method == Method::options) co_return preflight(exchange);

  const Route& route = *exchange.route;
  if (auto known = co_await authenticate(exchange, route); !known) co_return std::move(known).error();
  if (auto allowed = co_await authorize(exchange, route); !allowed) co_return std::move(allowed).error();
  if (route.step_up) {
    auto fresh = co_await parts_.authenticator->check_step_up(*exchange.call);
    if (!fresh) co_return std::move(fresh).error();
  }
  std::string accept;
  if (route.websocket) {
    auto opened = open_websocket(exchange);
    if (!opened) co_return std::move(opened).error();
    accept = *std::move(opened);
  }
  auto body = co_await read_body(exchange, route);
  if (!body) co_return std::move(body).error();
  request.body = *body;
  show_headers(exchange, route);
  request.headers = exchange.visible_headers;

  if (route.idempotency != Idempotency::none && parts_.idempotency) {
    auto key = idempotency_key(first_header(exchange.headers, "idempotency-key"));
    if (!key) co_return std::move(key).error();
    if (*key) {
      std::string value = std::move(**key);
      co_return co_await handle_keyed(exchange, route, request, std::move(value));
    }
  }
  auto answered = co_await route.handler->handle(*exchange.call, request);
  if (answered && (answered->messages != nullptr) != route.websocket)
    co_return Error(Errc::misuse, "a WebSocket is the answer of a route that declares one, and its only one");
  if (answered && answered->messages) {
    answered->status = route.success;
    append_header("Upgrade", "websocket", exchange.head);
    append_header("Sec-WebSocket-Accept", accept, exchange.head);
  }
  co_return answered;
}

// ---------------------------------------------------------------- stages

void Pipeline::begin(Exchange& exchange) {
  const auto given = first_header(exchange.headers, "x-request-id");
  auto id = is_request_id(given) ? std::string(given) : new_request_id(exchange.io_thread);
  exchange.call.emplace(std::move(id), exchange.io_thread, exchange.started + kRequestDeadline);
  exchange.call->set_client(address_text(addresses_.resolve(exchange.peer, exchange.headers)),
                            std::string(first_header(exchange.headers, "user-agent")));
  exchange.head_only = exchange.method == Method::head;
}

Result<> Pipeline::check_host(const Exchange& exchange) const {
  if (options_.allowed_hosts.empty()) return Done();
  auto host = exchange.host;
  const auto colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) host = host.substr(0, colon);
  for (const auto& allowed : options_.allowed_hosts)
    if (same_header(host, allowed)) return Done();
  return Error(Errc::bad_request, "The Host header names a host that this server does not answer for; see server.allowed_hosts.");
}

Result<> Pipeline::match(Exchange& exchange, Request& request) {
  auto target = canonical_target(exchange.target);
  if (!target) return std::move(target).error();
  request.path = target->path;
  request.query = target->query;
  if (exchange.method) {
    const bool is_preflight = *exchange.method == Method::options;
    const auto found = parts_.routes->find(is_preflight ? Method::get : *exchange.method, target->path);
    if (is_preflight && found.path_exists) return Done();
    if (found.route) {
      exchange.route = found.route;
      request.method = *exchange.method;
      std::size_t size = 0;
      for (std::size_t i = 0; i < found.parameters; ++i) size += found.segments[i].size();
      exchange.decoded.reserve(size);  // views into it must not move
      for (std::size_t i = 0; i < found.parameters; ++i) {
        const auto begin = exchange.decoded.size();
        if (!decode_segment(found.segments[i], exchange.decoded)) break;
        exchange.parameters.push_back(ParameterView{found.names[i], std::string_view(exchange.decoded).substr(begin)});
      }
      request.parameters = exchange.parameters;
      if (exchange.parameters.size() == found.parameters) return Done();
      exchange.route = nullptr;
    }
  }
  return Error(Errc::not_found, "There is no operation " + std::string(exchange.method_text) + " " + std::string(target->path) + ".");
}

Response Pipeline::preflight(Exchange& exchange) const {
  cors_.append_preflight_headers(first_header(exchange.headers, "origin"), exchange.head);
  return Response(204, std::string());
}

AsyncResult<> Pipeline::authenticate(Exchange& exchange, const Route& route) {
  if (!needs_credential(route)) co_return co_await draw_address(exchange, route.bucket);
  if (!parts_.authenticator) co_return Error(Errc::feature_unavailable, "No plugin fills the role of authenticator.");
  if (count_headers(exchange.headers, "authorization") > 1) {
    Error twice(Errc::bad_request, "The request carries two credentials; send one Authorization header.");
    co_return co_await refuse_credential(exchange, std::move(twice), std::string_view());
  }
  const auto token = bearer_token(first_header(exchange.headers, "authorization"));
  if (token.empty()) {
    Error missing(Errc::unauthorized, "Send a credential as \"Authorization: Bearer <token>\".");
    co_return co_await refuse_credential(exchange, std::move(missing), std::string_view());
  }
  auto verdict = parts_.authenticator->authenticate_now(token);
  if (!verdict) {
    std::string owned(token);
    verdict.emplace(co_await parts_.authenticator->authenticate(*exchange.call, std::move(owned)));
  }
  if (!*verdict) co_return co_await refuse_credential(exchange, std::move(*verdict).error(), token);
  exchange.call->set_principal(**verdict);
  co_return co_await rate_limits_.draw_actor(exchange, **verdict, route.bucket);
}

AsyncResult<> Pipeline::refuse_credential(Exchange& exchange, Error error, std::string_view token) {
  const auto status = problem_kind(error.code).status;
  if (status != 400 && status != 401) co_return error;  // 403 and 503 are not failures of the credential
  const std::string bucket = "ip:auth-failure";
  const auto prefix = limiter_key_of_prefix(token);
  auto drawn = co_await draw_address(exchange, bucket);
  if (drawn && prefix) drawn = co_await rate_limits_.draw_address(exchange, *prefix, bucket);
  if (!drawn) co_return std::move(drawn).error();
  co_return error;
}

AsyncResult<> Pipeline::draw_address(Exchange& exchange, const std::string& bucket) {
  const auto key = limiter_key(addresses_.resolve(exchange.peer, exchange.headers));
  co_return co_await rate_limits_.draw_address(exchange, key, bucket);
}

AsyncResult<> Pipeline::authorize(Exchange& exchange, const Route& route) {
  if (!needs_credential(route)) co_return Done();
  const Principal caller = *exchange.call->principal();
  if (route.authentication == Authentication::web_session && caller.kind != CredentialKind::web_session)
    co_return Error(Errc::forbidden, "This operation needs an interactive sign-in; a key or token is not enough.");
  if (!holds_any(caller, *route.scopes_any))
    co_return Error(Errc::forbidden, "This operation needs the scope " + needed_scopes(*route.scopes_any) + ".");
  const auto account = first_header(exchange.headers, "x-driftstack-account");
  if (account.empty() || !honours_team_header(route)) co_return Done();

  std::string owner(account);
  auto acting = co_await parts_.authenticator->act_for(*exchange.call, caller, std::move(owner));
  if (!acting) co_return std::move(acting).error();
  if (acting->acts_for_other() && !role_suffices(acting->role, route.team))
    co_return Error(Errc::forbidden, "This operation needs the role admin in the team.");
  exchange.call->set_principal(*acting);
  if (route.charges_owner && acting->acts_for_other()) co_return co_await rate_limits_.draw_owner(exchange, *acting, route.bucket);
  co_return Done();
}

Result<std::string> Pipeline::open_websocket(Exchange& exchange) const {
  if (auto may = check_websocket_origin(first_header(exchange.headers, "origin"), exchange.host, cors_); !may)
    return std::move(may).error();
  auto accept = accept_websocket(exchange.headers);
  if (!accept) append_header("Sec-WebSocket-Version", kWebSocketVersion, exchange.head);
  if (accept && (exchange.method != Method::get || (exchange.body && exchange.body->present())))
    return Error(Errc::bad_request, "A WebSocket is opened by GET, without a body.");
  return accept;
}

AsyncResult<std::string_view> Pipeline::read_body(Exchange& exchange, const Route& route) {
  // An absent body binds like `{}`: a POST without a body is accepted where nothing in it is required (platform.md 1).
  if (!exchange.body || !exchange.body->present()) co_return std::string_view();
  if (!first_header(exchange.headers, "content-encoding").empty())
    co_return Error(Errc::bad_request, "Content-Encoding is not accepted on requests.");
  auto body = co_await exchange.body->read(route.body_limit);
  if (!body) co_return std::move(body).error();
  if (route.body == BodyKind::none) co_return std::string_view();
  if (route.body == BodyKind::raw || body->empty()) co_return *body;
  if (!is_json_type(first_header(exchange.headers, "content-type")))
    co_return Error(Errc::bad_request, "The body must be JSON, sent with \"Content-Type: application/json\".");
  co_return *body;
}

AsyncResult<Response> Pipeline::handle_keyed(Exchange& exchange, const Route& route, Request& request, std::string key_value) {
  // A body that is no JSON is refused before the key is looked at (platform.md 2.3).
  if (!request.body.empty() && route.body != BodyKind::raw && !wire::Json::parse(request.body))
    co_return Error(Errc::bad_request, "The body is not valid JSON.");
  IdempotencyStore::Key key;
  key.account = PublicId<"acc">(exchange.call->principal()->effective_account).to_text();
  key.route = std::string(method_name(route.method)) + " " + route.path;
  key.value = std::move(key_value);
  std::string message(request.path);
  message.push_back('\0');
  message.append(request.body);
  const auto digest = parts_.secrets->mac("idempotency", message);
  key.digest = hex_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));

  auto claim = co_await parts_.idempotency->claim(*exchange.call, std::move(key), route.idempotency);
  if (!claim) co_return std::move(claim).error();
  if (claim->replay) co_return *std::move(claim->replay);
  request.idempotency = claim->record.get();
  auto answered = co_await route.handler->handle(*exchange.call, request);
  auto kept = co_await claim->record->finish(*exchange.call, answered);
  // The work is done and durable; only its record is not. The client gets its answer, the operator a line.
  if (!kept) parts_.log->error("idempotency record could not be written", {LogField("request_id", exchange.call->request_id())});
  co_return answered;
}

// ---------------------------------------------------------------- answer

void Pipeline::show_headers(Exchange& exchange, const Route& route) const {
  const bool shows_credential =
      route.authentication == Authentication::scrape_token || route.authentication == Authentication::provider_signature;
  for (const auto& header : exchange.headers) {
    if (header.name.find('_') != std::string_view::npos) continue;  // CGI-style twins of identity headers
    if (header_starts_with(header.name, "x-driftstack-") || header_starts_with(header.name, "x-forwarded-")) continue;
    if (same_header(header.name, "forwarded") || same_header(header.name, "x-real-ip")) continue;
    if (same_header(header.name, "authorization") && !shows_credential) continue;
    exchange.visible_headers.push_back(header);
  }
}

void Pipeline::compose(Exchange& exchange, Result<Response> outcome) {
  const auto request_id = exchange.call->request_id();
  if (!outcome) {
    const Error& error = outcome.error();
    if (hides_detail(error.code))
      parts_.log->error("request failed", {LogField("request_id", request_id), LogField("detail", error.detail),
                                           LogField("code", static_cast<std::int64_t>(error.code))});
    outcome = problem_response(error, request_id);
  }
  exchange.response = *std::move(outcome);
  auto& response = exchange.response;
  auto& head = exchange.head;
  const bool is_page = exchange.route && exchange.route->html && response.status < 400;
  response_head_.append_security(is_page, head);
  append_header("X-Request-Id", request_id, head);
  const bool use_route_caching = exchange.route && !exchange.route->cache_control.empty() && response.status < 400;
  append_header("Cache-Control",
                use_route_caching ? std::string_view(exchange.route->cache_control) : default_cache_control(response.events != nullptr),
                head);
  if (exchange.method != Method::options) cors_.append_headers(first_header(exchange.headers, "origin"), head);
  if (response.events) {
    append_header("Content-Type", "text/event-stream", head);
  } else if (!response.body.empty()) {
    append_header("Content-Type", response.content_type, head);
  }
  for (const auto& header : response.headers) append_header(header.name, header.value, head);
}

std::string Pipeline::new_request_id(IoThread thread) {
  auto& state = request_ids_[thread < request_ids_.size() ? thread : 0].state;
  // xorshift128+ (Vigna 2014): unique enough for ids that nobody may rely on being secret.
  Uuid::Bytes bytes;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t a = state[0];
    const std::uint64_t b = state[1];
    state[0] = b;
    a ^= a << 23;
    state[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
    const std::uint64_t sum = state[1] + b;
    for (std::size_t i = 0; i < 8; ++i) bytes[half * 8 + i] = static_cast<std::uint8_t>(sum >> (8 * i));
  }
  return Uuid::from_random_bytes(bytes).to_text();
}

}  // namespace driftstack::kernel

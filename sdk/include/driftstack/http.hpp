#pragma once
// HTTP as a plugin sees it: routes that declare everything, requests to read, responses to return.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/header.hpp"
#include "driftstack/result.hpp"
#include "driftstack/scope.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {

namespace db {
class Transaction;
}

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options };

struct HeaderView {
  std::string_view name;  ///< as received; compare without case
  std::string_view value;
};
struct ParameterView {
  std::string_view name;   ///< as in the template: `id`
  std::string_view value;  ///< percent-decoded, one segment
};

/// The host's record of a keyed request (`Idempotency-Key`). Only routes that declare `Idempotency` see one, and only when the client
/// sent a key. A handler that ends its work in a transaction completes the record in that same transaction, so that a crash can
/// not leave work done without its record; when the handler does not, the host completes it after the handler returned.
class IdempotencyRecord {
 public:
  /// Stores the answer (status and body) with the work. For `Idempotency::secret` routes pass the id of the created resource as
  /// `resource_id`; the body is not stored then. [io-thread]
  virtual AsyncResult<> complete(db::Transaction& transaction, int status, std::string body, std::string resource_id) = 0;

 protected:
  ~IdempotencyRecord() = default;
};

/// One request. Views stay valid until the handler's task completes. [io-thread]
struct Request {
  Method method = Method::get;
  std::string_view path;   ///< canonical, still percent-encoded
  std::string_view query;  ///< without `?`, still percent-encoded
  std::string_view body;   ///< complete; empty when there was none
  std::span<const HeaderView> headers;
  std::span<const ParameterView> parameters;
  IdempotencyRecord* idempotency = nullptr;

  /// First header of that name (compared without case), or empty. Identity headers of the transport are already gone.
  std::string_view header(std::string_view name) const noexcept {
    for (const auto& candidate : headers) {
      if (candidate.name.size() != name.size()) continue;
      bool same = true;
      for (std::size_t i = 0; i < name.size() && same; ++i) same = fold(candidate.name[i]) == fold(name[i]);
      if (same) return candidate.value;
    }
    return {};
  }
  /// Path parameter by its template name, or empty.
  std::string_view parameter(std::string_view name) const noexcept {
    for (const auto& candidate : parameters)
      if (candidate.name == name) return candidate.value;
    return {};
  }

 private:
  static constexpr char fold(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
};

/// Source of a server-sent event stream. The host pulls; it costs no thread. [io-thread]
class EventSource {
 public:
  virtual ~EventSource() = default;
  /// Waits for the next piece of the stream (complete `event:`/`data:` lines with the blank line), or answers an empty optional at the
  /// end. The host sends heartbeats itself, cancels `call` when the client is gone and then awaits the pending task.
  virtual AsyncResult<std::optional<std::string>> next(const Call& call) = 0;
  /// Makes a pending `next` answer soon. Called once when the client is gone or the server drains. [any-thread]
  virtual void stop() noexcept = 0;
};

/// One message of a WebSocket, whole.
struct SocketMessage {
  enum class Kind : std::uint8_t { text, binary };
  SocketMessage() = default;
  SocketMessage(Kind kind, std::string data) : kind(kind), data(std::move(data)) {}

  Kind kind = Kind::text;
  std::string data;  ///< UTF-8 when it is text
};

/// A plugin's side of one WebSocket (RFC 6455). The host does the handshake, looks at the Origin, keeps the frames to the rules, sends
/// pings and ends the connection in order; it costs no thread. `next` and `receive` may be pending at the same time, each once. An Error of
/// either ends the connection: code 1008 with its detail for mistakes of the client, 1011 without it for faults of ours. [io-thread]
class MessageStream {
 public:
  virtual ~MessageStream() = default;
  /// Waits for the next message to send, or answers an empty optional at the end (code 1000). The host asks again when the network took the
  /// message: a source that keeps the newest picture only lets a slow client miss some and fills no memory.
  virtual AsyncResult<std::optional<SocketMessage>> next(const Call& call) = 0;
  /// Takes one message of the client, at most `Route::body_limit` bytes. The host reads on when it is done: a client that sends faster
  /// waits.
  virtual AsyncResult<> receive(const Call& call, SocketMessage message) = 0;
  /// Makes pending tasks answer soon. Called once, when the client is gone or the connection ends. [any-thread]
  virtual void stop() noexcept = 0;
};

/// What a handler answers. The host adds request id, security, caching, CORS and rate-limit headers and the framing.
struct Response {
  Response() = default;
  Response(int status, std::string body) : status(status), body(std::move(body)) {}

  int status = 204;
  std::string content_type = "application/json";  ///< ignored when there is no body
  std::string body;
  std::vector<Header> headers;
  std::unique_ptr<EventSource> events;      ///< when set, the answer is `text/event-stream` and `body` is not used
  std::unique_ptr<MessageStream> messages;  ///< of a route that declares `websocket`: the answer is 101, everything else is not used
};

/// A route's code. Owned by the plugin, lives until its stop() completed.
class RouteHandler {
 public:
  virtual ~RouteHandler() = default;
  /// `call` and `request` outlive the task. An Error becomes the problem answer. [io-thread]
  virtual AsyncResult<Response> handle(const Call& call, const Request& request) = 0;
};

enum class Authentication : std::uint8_t {
  undeclared,
  none,                ///< public
  bearer,              ///< any valid credential
  web_session,         ///< interactive sign-in only
  bearer_or_ticket,    ///< bearer, or the stream ticket / token in the query
  provider_signature,  ///< the handler verifies the sender's signature over the raw body
  scrape_token,        ///< the handler verifies the operator's token
  staff,               ///< bearer with exactly the staff scope
};

/// What `X-Driftstack-Account` means on a route.
enum class TeamAccess : std::uint8_t {
  undeclared,
  not_applicable,  ///< no account behind the route
  ignored,         ///< always the caller's own account
  member_read,     ///< roles member and admin
  admin_write,     ///< role admin
  admin_only,      ///< role admin although the route reads
};

enum class Idempotency : std::uint8_t {
  none,    ///< the header is ignored
  replay,  ///< a repeat gets the first answer again
  secret,  ///< the answer shows a secret and is not stored; a repeat is a conflict that names the created resource
};

enum class BodyKind : std::uint8_t {
  none,           ///< a body is read within the limit and dropped
  json,           ///< JSON; an absent body reads like `{}`
  json_optional,  ///< the same, and documented as optional
  raw,            ///< bytes of any content type
};

/// Default limit of a request body (platform.md 2.3): 1 MiB.
inline constexpr std::size_t kDefaultBodyLimit = std::size_t{1} << 20;

/// One operation. The router refuses to mount a route that leaves authentication, scopes, team or bucket undeclared.
struct Route {
  Method method = Method::get;
  std::string path;  ///< template: `/v1/sessions/{id}/navigate`; a parameter fills one whole segment
  Authentication authentication = Authentication::undeclared;
  std::optional<ScopeSet> scopes_any;  ///< one of them must be satisfied; an empty set = any valid credential or none needed
  TeamAccess team = TeamAccess::undeclared;
  std::string bucket;          ///< `global`, `sessions:create`, `ip:public`, ... or `none`; empty = undeclared
  bool charges_owner = false;  ///< team requests also draw on the owner's bucket (session routes)
  bool step_up = false;        ///< a web session needs a fresh second factor, if its account has one (identity.md 4.6)
  Idempotency idempotency = Idempotency::none;
  BodyKind body = BodyKind::none;
  std::size_t body_limit = kDefaultBodyLimit;
  int success = 200;
  std::string cache_control;  ///< empty = `no-store, private`
  bool deprecated = false;
  bool html = false;  ///< answers a page: the header set of HTML surfaces
  /// GET that opens a WebSocket: the host refuses what is no handshake and foreign origins, then asks the handler, whose answer has
  /// `messages` or is an Error. `body_limit` bounds one message of the client.
  bool websocket = false;

  // Documentation, part of GET /openapi.json.
  std::string operation_id;  ///< unique, snake_case
  std::string summary;
  std::string tag;
  std::string request_schema;   ///< JSON Schema text; empty = no body
  std::string response_schema;  ///< JSON Schema text; empty = no body
  std::string query_schema;     ///< JSON Schema text of an object whose properties are the query parameters
  std::string response_content_type = "application/json";

  RouteHandler* handler = nullptr;
};

/// Provided by a plugin that adds routes. Asked once, after its start().
class RouteSource {
 public:
  static constexpr InterfaceId kId{"http.routes", 1};
  virtual std::span<const Route> routes() const noexcept = 0;

 protected:
  ~RouteSource() = default;
};

}  // namespace v1
}  // namespace driftstack

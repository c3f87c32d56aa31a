/// Typed routes: a handler is a member function that takes a described body and answers a described struct.
///
/// Purpose: one declaration gives the binding (all issues collected), the serialisation and the schemas of GET /openapi.json.
/// Ownership: `Routes` owns its handlers; keep it as a member of the plugin. Thread: declare in configure() or start() [main-thread]
/// [io-thread], afterwards constant.
///
///     class Greetings {
///      public:
///       AsyncResult<Greeting> greet(const Call& call, const Request& request);                  // answers JSON
///       AsyncResult<Greeting> make(const Call& call, const Request& request, GreetingCreate body);
///       AsyncResult<> forget(const Call& call, const Request& request);                         // answers 204
///     };
///     routes.get("/v1/greetings/{id}", "get_greeting", "One greeting.")
///         .bearer(ScopeSet{Scope::read}, TeamAccess::ignored).to<&Greetings::greet>(greetings);
///
/// A handler that answers `Response` writes its own body; declare what it looks like with `answers<Shape>()`.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "driftstack/http.hpp"
#include "driftstack/support/query.hpp"
#include "driftstack/support/wire.hpp"

namespace driftstack {

/// The problem of a body or query that does not fit its shape.
[[nodiscard]] inline Error validation_error(const wire::Issues& issues) {
  return Error(Errc::validation_failed, issues.summary()).with_members("\"issues\":" + issues.json());
}

/// Binds a JSON body. An absent body (only possible where the route allows it) reads like `{}`.
template <class Body>
[[nodiscard]] Result<Body> bind_body(std::string_view text) {
  Body body;
  wire::Issues issues;
  switch (wire::read(text.empty() ? std::string_view("{}") : text, body, issues)) {
    case wire::Outcome::ok:
      return body;
    case wire::Outcome::not_json:
      return Error(Errc::bad_request, issues.empty() ? "The body is not valid JSON." : "The body " + issues[0].message + ".");
    case wire::Outcome::invalid:
      break;
  }
  return validation_error(issues);
}

/// Binds the query string of a request.
template <class Query>
[[nodiscard]] Result<Query> bind_query(const Request& request) {
  Query query;
  wire::Issues issues;
  if (wire::read_query(request.query, query, issues) == wire::Outcome::ok) return query;
  return validation_error(issues);
}

/// A JSON answer with a status.
template <class Answer>
[[nodiscard]] Response json_response(int status, const Answer& answer) {
  Response response;
  response.status = status;
  wire::write(answer, response.body);
  return response;
}

namespace detail {

template <class T>
struct HandlerSignature;
template <class C, class A>
struct HandlerSignature<AsyncResult<A> (C::*)(const Call&, const Request&)> {
  using Owner = C;
  using Answer = A;
  using Body = void;
};
template <class C, class A, class B>
struct HandlerSignature<AsyncResult<A> (C::*)(const Call&, const Request&, B)> {
  using Owner = C;
  using Answer = A;
  using Body = B;
};

template <auto Member>
class TypedHandler final : public RouteHandler {
  using Signature = HandlerSignature<decltype(Member)>;
  using Answer = typename Signature::Answer;
  using Body = typename Signature::Body;

 public:
  TypedHandler(typename Signature::Owner& owner, int success) noexcept : owner_(owner), success_(success) {}

  AsyncResult<Response> handle(const Call& call, const Request& request) override {
    if constexpr (std::is_void_v<Body>) {
      auto answer = co_await (owner_.*Member)(call, request);
      co_return respond(std::move(answer));
    } else {
      auto body = bind_body<Body>(request.body);
      if (!body) co_return std::move(body).error();
      auto answer = co_await (owner_.*Member)(call, request, *std::move(body));
      co_return respond(std::move(answer));
    }
  }

 private:
  Result<Response> respond(Result<Answer> answer) const {
    if (!answer) return std::move(answer).error();
    if constexpr (std::is_same_v<Answer, Response>) {
      return *std::move(answer);
    } else if constexpr (std::is_same_v<Answer, Done>) {
      return Response(success_, std::string());
    } else {
      return json_response(success_, *answer);
    }
  }

  typename Signature::Owner& owner_;
  int success_;
};

}  // namespace detail

/// Declares one route, word by word. `to` ends the declaration and mounts it.
class RouteDeclaration {
 public:
  RouteDeclaration(std::vector<Route>& routes, std::vector<std::unique_ptr<RouteHandler>>& handlers, Route route)
      : routes_(routes), handlers_(handlers), route_(std::move(route)) {}

  /// Needs a credential that satisfies one of the scopes (an empty set: any valid credential).
  RouteDeclaration& bearer(ScopeSet scopes_any, TeamAccess team, std::string bucket = "global") {
    return access(Authentication::bearer, scopes_any, team, std::move(bucket));
  }
  /// No credential. `bucket` is a per-address bucket, or `none` for probes.
  RouteDeclaration& open(std::string bucket = "ip:public") {
    return access(Authentication::none, ScopeSet{}, TeamAccess::not_applicable, std::move(bucket));
  }
  RouteDeclaration& staff() {
    return access(Authentication::staff, ScopeSet{Scope::driftstack_internal_admin}, TeamAccess::ignored, "global");
  }
  RouteDeclaration& access(Authentication authentication, ScopeSet scopes_any, TeamAccess team, std::string bucket) {
    route_.authentication = authentication;
    route_.scopes_any = scopes_any;
    route_.team = team;
    route_.bucket = std::move(bucket);
    return *this;
  }
  /// Team requests also draw on the owner's bucket of the same name (session routes).
  RouteDeclaration& charges_owner() {
    route_.charges_owner = true;
    return *this;
  }
  /// A web session must have shown a second factor lately, if its account has one; checked before the body is read.
  RouteDeclaration& step_up() {
    route_.step_up = true;
    return *this;
  }
  RouteDeclaration& keyed(Idempotency idempotency) {
    route_.idempotency = idempotency;
    return *this;
  }
  RouteDeclaration& success(int status) {
    route_.success = status;
    return *this;
  }
  RouteDeclaration& body_limit(std::size_t bytes) {
    route_.body_limit = bytes;
    return *this;
  }
  /// The body may be absent.
  RouteDeclaration& optional_body() {
    optional_body_ = true;
    return *this;
  }
  RouteDeclaration& raw_body() {
    raw_body_ = true;
    return *this;
  }
  RouteDeclaration& cache(std::string cache_control) {
    route_.cache_control = std::move(cache_control);
    return *this;
  }
  /// Answers an HTML page: the header set of pages instead of that of API answers.
  RouteDeclaration& page() {
    route_.html = true;
    route_.response_content_type = "text/html; charset=utf-8";
    return *this;
  }
  /// Opens a WebSocket; the handler answers a Response with `messages`. A message of the client has at most that many bytes.
  RouteDeclaration& websocket(std::size_t message_limit) {
    route_.websocket = true;
    route_.success = 101;
    route_.body_limit = message_limit;
    return *this;
  }
  RouteDeclaration& content_type(std::string type) {
    route_.response_content_type = std::move(type);
    return *this;
  }
  /// The shape of the query parameters, for the documentation; the handler calls `bind_query<Query>`.
  template <class Query>
  RouteDeclaration& query() {
    route_.query_schema = wire::schema<Query>();
    return *this;
  }
  /// The shape of the answer of a handler that writes its own Response.
  template <class Answer>
  RouteDeclaration& answers() {
    route_.response_schema = wire::schema<Answer>();
    return *this;
  }

  /// Ends the declaration. `owner` must outlive the routes.
  template <auto Member>
  void to(typename detail::HandlerSignature<decltype(Member)>::Owner& owner) {
    using Signature = detail::HandlerSignature<decltype(Member)>;
    using Answer = typename Signature::Answer;
    if constexpr (!std::is_void_v<typename Signature::Body>) {
      route_.request_schema = wire::schema<typename Signature::Body>();
      route_.body = optional_body_ ? BodyKind::json_optional : BodyKind::json;
    } else if (raw_body_) {
      route_.body = BodyKind::raw;
    }
    if constexpr (std::is_same_v<Answer, Done>) {
      if (route_.success == 200) route_.success = 204;
    } else if constexpr (!std::is_same_v<Answer, Response>) {
      route_.response_schema = wire::schema<Answer>();
    }
    handlers_.push_back(std::make_unique<detail::TypedHandler<Member>>(owner, route_.success));
    route_.handler = handlers_.back().get();
    routes_.push_back(std::move(route_));
  }

 private:
  std::vector<Route>& routes_;
  std::vector<std::unique_ptr<RouteHandler>>& handlers_;
  Route route_;
  bool optional_body_ = false, raw_body_ = false;
};

/// The routes of a plugin. `provide(RouteSource::kId)` answers a pointer to it.
class Routes final : public RouteSource {
 public:
  /// `tag` groups the operations in the documentation.
  explicit Routes(std::string tag) : tag_(std::move(tag)) {}

  RouteDeclaration get(std::string path, std::string operation_id, std::string summary) {
    return declare(Method::get, std::move(path), std::move(operation_id), std::move(summary));
  }
  RouteDeclaration post(std::string path, std::string operation_id, std::string summary) {
    return declare(Method::post, std::move(path), std::move(operation_id), std::move(summary));
  }
  RouteDeclaration put(std::string path, std::string operation_id, std::string summary) {
    return declare(Method::put, std::move(path), std::move(operation_id), std::move(summary));
  }
  RouteDeclaration patch(std::string path, std::string operation_id, std::string summary) {
    return declare(Method::patch, std::move(path), std::move(operation_id), std::move(summary));
  }
  RouteDeclaration delete_(std::string path, std::string operation_id, std::string summary) {
    return declare(Method::delete_, std::move(path), std::move(operation_id), std::move(summary));
  }

  std::span<const Route> routes() const noexcept override { return routes_; }

 private:
  RouteDeclaration declare(Method method, std::string path, std::string operation_id, std::string summary) {
    Route route;
    route.method = method;
    route.path = std::move(path);
    route.operation_id = std::move(operation_id);
    route.summary = std::move(summary);
    route.tag = tag_;
    return RouteDeclaration(routes_, handlers_, std::move(route));
  }

  std::string tag_;
  std::vector<Route> routes_;
  std::vector<std::unique_ptr<RouteHandler>> handlers_;
};

}  // namespace driftstack

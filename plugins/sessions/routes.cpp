#include "routes.hpp"

#include <string>
#include <utility>

#include "capture_answer.hpp"
#include "driftstack/problem.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::size_t kMaxUploadBody = std::size_t{8} << 20;  // sessions.md 4.5

// A malformed id is answered like an unknown one.
Result<SessionId> session_id(const Request& request) {
  const auto id = SessionId::from_text(request.parameter("id"));
  if (!id) return Error(Errc::not_found, "There is no such session.");
  return *id;
}

}  // namespace

void SessionRoutes::declare(Routes& routes) {
  const ScopeSet read{Scope::read, Scope::read_sessions};
  const ScopeSet write{Scope::write, Scope::write_sessions};
  const auto act = [&](std::string name, std::string summary) {
    return routes.post("/v1/sessions/{id}/" + name, name + "_session", std::move(summary))
        .bearer(write, TeamAccess::admin_write)
        .charges_owner();
  };

  routes.post("/v1/sessions", "create_session", "Start a browser; answers when it is ready.")
      .bearer(write, TeamAccess::admin_write, "sessions:create")
      .charges_owner()
      .keyed(Idempotency::replay)
      .success(201)
      .answers<body::Session>()
      .to<&SessionRoutes::create>(*this);
  routes.get("/v1/sessions", "list_sessions", "Sessions of the account, newest first, ended ones included.")
      .bearer(read, TeamAccess::member_read)
      .charges_owner()
      .query<body::SessionListQuery>()
      .to<&SessionRoutes::list>(*this);
  routes.get("/v1/sessions/{id}", "get_session", "One session's record, in any status.")
      .bearer(read, TeamAccess::member_read)
      .charges_owner()
      .to<&SessionRoutes::get>(*this);
  routes.delete_("/v1/sessions/{id}", "destroy_session", "End a session; also in the middle of an operation.")
      .bearer(write, TeamAccess::admin_write)
      .charges_owner()
      .to<&SessionRoutes::destroy>(*this);

  act("navigate", "Load a page.").to<&SessionRoutes::navigate>(*this);
  act("interact", "Tap, type, scroll, press a key, fill a form, upload, drag, or answer a dialog.")
      .body_limit(kMaxUploadBody)
      .to<&SessionRoutes::interact>(*this);
  act("wait", "Wait for a condition.").to<&SessionRoutes::wait>(*this);
  act("capture", "A picture, a PDF, the document, its text, Markdown or accessibility outline.")
      .answers<body::Captured>()
      .to<&SessionRoutes::capture>(*this);
  act("extract", "Read texts and attributes of elements.").answers<browser::Extracted>().to<&SessionRoutes::extract>(*this);
  routes.get("/v1/sessions/{id}/state", "get_session_state", "Address, cookies and storage of the page, read from the browser.")
      .bearer(read, TeamAccess::admin_only)
      .charges_owner()
      .answers<body::State>()
      .to<&SessionRoutes::state>(*this);

  if (operations_.fills_in_forms()) {
    act("search", "Find the search field, type, submit, and wait for results.").to<&SessionRoutes::search>(*this);
    act("login", "Find the fields for name and password, type, submit, and assess whether it worked.").to<&SessionRoutes::login>(*this);
  } else {
    act("search", "Not offered by this server.").to<&SessionRoutes::not_integrated>(*this);
    act("login", "Not offered by this server.").to<&SessionRoutes::not_integrated>(*this);
  }
  act("proxy", "Retired: a proxy is chosen at create.").to<&SessionRoutes::retired>(*this);
  routes.get("/v1/sessions/{id}/proxy", "get_session_proxy", "Retired: a proxy is chosen at create.")
      .bearer(read, TeamAccess::member_read)
      .charges_owner()
      .to<&SessionRoutes::retired>(*this);

  routes.get("/v1/archetypes", "list_archetypes", "Presets that a session can be started with.")
      .open()
      .cache("public, max-age=300")
      .to<&SessionRoutes::archetypes>(*this);
}

AsyncResult<Response> SessionRoutes::create(const Call& call, const Request& request, body::SessionCreate body) {
  auto answer = co_await creator_.create(call, std::move(body), request.idempotency);
  if (!answer) co_return std::move(answer).error();
  co_return Response(201, *std::move(answer));
}

AsyncResult<Page<body::Session>> SessionRoutes::list(const Call& call, const Request& request) {
  auto asked = bind_query<body::SessionListQuery>(request);
  if (!asked) co_return std::move(asked).error();
  co_return co_await lists_.page(call, *std::move(asked));
}

AsyncResult<body::Session> SessionRoutes::get(const Call& call, const Request& request) {
  const auto id = session_id(request);
  if (!id) co_return id.error();
  co_return co_await lists_.get(call, *id);
}

AsyncResult<> SessionRoutes::destroy(const Call& call, const Request& request) {
  const auto id = session_id(request);
  if (!id) co_return id.error();
  co_return co_await ender_.destroy(call, call.principal()->effective_account, *id);
}

AsyncResult<body::Navigated> SessionRoutes::navigate(const Call& call, const Request& request, body::Navigate body) {
  const auto id = session_id(request);
  if (!id) co_return id.error();
  co_return co_await operations_.navigate(call, *id, std::move(body));
}

AsyncResult<body::Interacted> SessionRoutes::interact(const Call& call, const Request& request, body::Interact body) {
  const auto id = session_id(request);
  if (!id) co_return id.error();
  co_return co_await operations_.interact(call, *id, std::move(body));
}

AsyncResult<browser::Waited> SessionRoutes::wait(const Call& call, const Request& request, body::Wait body) {
  const auto id = session_id(request);
  if (!id) co_return id.error();
  co_return co_await operations_.wait(call, *id, std::move(body));
}

AsyncResult<Response> SessionRoutes::state(const Call& call, const Request& request) {
  const auto id = session_id(request);
  if (!id) co_return id.error();
  auto answer = co_await operations_.state(call, *id);
  co_return bounded(std::move(answer));
}

AsyncResult<Response> SessionRoutes::capture(const Call& call, const Request& request, body::Capture body) {
  const auto id = session_id(request);
  if (!id) co_return id.error();
  auto answer = co_await operations_.capture(call, *id, std::move(body));
  co_return bounded(std::move(answer));
}

AsyncResult<Response> SessionRoutes::extract(const Call& call, const Request& request, body::Extract body) {
  const auto id = session_id(request);
  if (!id) co_return id.error();
  auto answer = co_await operations_.extract(call, *id, std::move(body));
  co_return bounded(std::move(answer));
}

// Before any look-up, and whatever the body is worth (sessions.md 4.10).
AsyncResult<> SessionRoutes::not_integrated(const Call&, const Request&) {
  co_return Error(Errc::driver_not_integrated, "The browser backend of this server does not offer this operation.");
}

AsyncResult<browser::Searched> SessionRoutes::search(const Call& call, const Request& request, body::Search body) {
  const auto id = session_id(request);
  if (!id) co_return id.error();
  co_return co_await operations_.search(call, *id, std::move(body));
}

AsyncResult<browser::LoggedIn> SessionRoutes::login(const Call& call, const Request& request, body::Login body) {
  const auto id = session_id(request);
  if (!id) co_return id.error();
  co_return co_await operations_.login(call, *id, std::move(body));
}

// The only answer whose status is not that of its slug in the catalogue (sessions.md 4.13): the host takes a finished problem body as it
// is.
AsyncResult<Response> SessionRoutes::retired(const Call& call, const Request&) {
  const ProblemKind& kind = problem_kind(Errc::feature_unavailable);
  std::string body = "{\"type\":\"" + std::string(kProblemTypePrefix) + std::string(kind.slug) + "\",\"title\":\"" +
                     std::string(kind.title) +
                     "\",\"status\":410,\"detail\":\"A proxy is chosen when the session is created, with proxy_id.\",\"instance\":\"" +
                     std::string(call.request_id()) + "\",\"code\":\"endpoint_retired\"}";
  Response response(410, std::move(body));
  response.content_type = "application/problem+json";
  co_return std::move(response);
}

AsyncResult<body::ArchetypeList> SessionRoutes::archetypes(const Call&, const Request&) {
  if (catalog_.list().data.empty()) co_return Error(Errc::driver_not_integrated, "No browser backend runs on this server.");
  co_return catalog_.list();
}

}  // namespace driftstack::sessions

#include "sessions_fixture.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <utility>

#include "driftstack/testing/run.hpp"

namespace driftstack::sessions::test {
namespace {

std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    out.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

struct Parameter {
  std::string name, value;
};

// The one parameter of a path, or nothing when the template does not fit.
std::optional<Parameter> match(const std::string& pattern, const std::string& path) {
  const auto wanted = segments(pattern);
  const auto given = segments(path);
  if (wanted.size() != given.size()) return std::nullopt;
  Parameter parameter;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      parameter = {wanted[i].substr(1, wanted[i].size() - 2), given[i]};
    } else if (wanted[i] != given[i]) {
      return std::nullopt;
    }
  }
  return parameter;
}

}  // namespace

SessionsFixture::SessionsFixture(Options options) : plugin_(DRIFTSTACK_PLUGIN_PACKAGE) {
  database_sqlite::EngineOptions engine;
  engine.path = directory_.path() + "/test.sqlite";
  engine.queue_limit = 4096;
  engine.cache_bytes = 1 << 20;
  engine_ = std::make_unique<database_sqlite::Engine>(host().scheduler(), host().clock(), host().log(), std::move(engine));
  REQUIRE(engine_->open());
  host().provide<db::Database>(engine_.get());
  host().provide<AuditLog>(&audit);
  host().provide<AccountDirectory>(&accounts);
  browsers.with_forms = options.with_forms;
  if (options.with_backend) host().provide<browser::Backend>(&browsers);
  if (options.with_view) host().provide<browser::View>(&browsers);
  if (options.with_objects) host().provide<objects::Store>(&objects);
  REQUIRE(plugin_.configure());
  if (options.start) REQUIRE(plugin_.start());
}

SessionsFixture::~SessionsFixture() {
  stop();
  engine_->close();
}

void SessionsFixture::stop() {
  if (std::exchange(stopped_, true)) return;
  auto stopping = std::async(std::launch::async, [this] { return plugin_.stop(); });
  while (stopping.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) host().clock().advance(std::chrono::seconds(1));
}

Result<Response> SessionsFixture::send(Method method, std::string path, std::string body, IdempotencyRecord* record) {
  return send_as(caller, method, std::move(path), std::move(body), record);
}

Result<Response> SessionsFixture::send_as(const Principal& principal, Method method, std::string path, std::string body,
                                          IdempotencyRecord* record) {
  static std::atomic<IoThread> next{0};
  const IoThread thread = next.fetch_add(1) % host().scheduler().io_threads();
  const auto question = std::min(path.find('?'), path.size());
  const std::string query = path.substr(std::min(question + 1, path.size()));
  path.resize(question);
  for (const Route& route : plugin_.provide<RouteSource>()->routes()) {
    const auto found = match(route.path, path);
    if (route.method != method || !found) continue;
    const auto call = host().call(std::chrono::minutes(5), thread);
    call->set_principal(principal);
    call->set_client("192.0.2.1", "test");
    const ParameterView parameter{found->name, found->value};
    Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    request.parameters = std::span(&parameter, 1);
    request.idempotency = record;
    const HeaderView accept{"Accept", "text/event-stream"};
    if (wants_events_) request.headers = std::span(&accept, 1);
    return testing::run(host(), route.handler->handle(*call, request), thread);
  }
  return Error(Errc::misuse, "no route for " + path);
}

std::future<Result<Response>> SessionsFixture::send_later(Method method, std::string path, std::string body) {
  return std::async(std::launch::async,
                    [this, method, path = std::move(path), body = std::move(body)] { return send(method, path, body); });
}

Result<Response> SessionsFixture::follow(const std::string& id) {
  wants_events_ = true;
  auto answer = get("/v1/sessions/" + id + "/logs");
  wants_events_ = false;
  return answer;
}

std::string SessionsFixture::create(std::string body) {
  auto answer = post("/v1/sessions", std::move(body));
  INFO((answer ? "" : answer.error().detail));
  REQUIRE(answer);
  REQUIRE(answer->status == 201);
  return text_member(answer->body, "id");
}

wire::Json SessionsFixture::record(const std::string& id) {
  auto answer = get("/v1/sessions/" + id);
  REQUIRE(answer);
  return *wire::Json::parse(answer->body);
}

std::string SessionsFixture::member(const std::string& id, std::string_view name) {
  const auto json = record(id);
  const auto value = json.view().find(name);
  REQUIRE(value);
  return value->as_text().value_or(std::string(value->text()));
}

void SessionsFixture::await_status(const std::string& id, std::string_view wanted) {
  const auto limit = std::chrono::steady_clock::now() + testing::kRunLimit;
  while (status(id) != wanted) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    std::this_thread::yield();
  }
}

std::int64_t SessionsFixture::open_sessions() {
  const auto call = host().call();
  auto count = testing::run(host(), plugin_.provide<AccountUsage>()->active_sessions(*call, caller.effective_account));
  REQUIRE(count);
  return *count;
}

std::string json_member(std::string_view json, std::string_view name) {
  const auto parsed = wire::Json::parse(json);
  REQUIRE(parsed);
  const auto value = parsed->view().find(name);
  return value ? std::string(value->text()) : std::string();
}

std::string text_member(std::string_view json, std::string_view name) {
  const auto parsed = wire::Json::parse(json);
  REQUIRE(parsed);
  const auto value = parsed->view().find(name);
  return value ? value->as_text().value_or("") : std::string();
}

}  // namespace driftstack::sessions::test

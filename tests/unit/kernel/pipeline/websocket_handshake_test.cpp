#include "kernel/pipeline/websocket_handshake.hpp"

#include <catch2/catch.hpp>

#include "pipeline_fixture.hpp"
#include "sample_routes.hpp"

namespace driftstack::kernel {
namespace {

using test::PipelineFixture;
using test::Received;
using test::Sent;

/// Says nothing.
class SilentStream final : public MessageStream {
 public:
  AsyncResult<std::optional<SocketMessage>> next(const Call&) override { co_return std::optional<SocketMessage>(); }
  AsyncResult<> receive(const Call&, SocketMessage) override { co_return Done(); }
  void stop() noexcept override {}
};

struct World {
  World() : fixture(host) {
    Route route = test::open_route(Method::get, "/v1/live", fixture.handler);
    route.websocket = true;
    route.success = 101;
    fixture.mount(route);
    fixture.mount(test::open_route(Method::get, "/v1/plain", fixture.handler));
    fixture.options.cors_origins = {"https://app.example"};
    fixture.handler.answer = []() -> Result<Response> {
      Response response;
      response.messages = std::make_unique<SilentStream>();
      return response;
    };
    // The example of RFC 6455 section 1.3.
    request.with("Connection", "keep-alive, Upgrade")
        .with("Upgrade", "WebSocket")
        .with("Sec-WebSocket-Version", "13")
        .with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  }
  testing::FakeHost host;
  PipelineFixture fixture;
  Sent request{"GET", "/v1/live"};
};

}  // namespace

TEST_CASE("a handshake is answered with 101 and the proof of RFC 6455") {
  World world;
  const Received answer = world.fixture.send(world.request);
  CHECK(answer.status == 101);
  CHECK(answer.header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(answer.header("upgrade") == "websocket");
  CHECK_FALSE(answer.has("sec-websocket-extensions"));
}

TEST_CASE("what is no handshake is refused before the handler, with the version that we speak") {
  struct Row {
    const char* name;
    void (*spoil)(Sent& request);
  };
  const Row rows[] = {
      {"no upgrade", [](Sent& r) { r.set("Upgrade", "h2c"); }},
      {"no connection", [](Sent& r) { r.set("Connection", "keep-alive"); }},
      {"old version", [](Sent& r) { r.set("Sec-WebSocket-Version", "8"); }},
      {"two versions", [](Sent& r) { r.with("Sec-WebSocket-Version", "13"); }},
      {"no key", [](Sent& r) { r.set("Sec-WebSocket-Key", ""); }},
      {"short key", [](Sent& r) { r.set("Sec-WebSocket-Key", "c2hvcnQ="); }},
      {"key that is no base64", [](Sent& r) { r.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZ*=="); }},
      {"two keys", [](Sent& r) { r.with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="); }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    row.spoil(world.request);
    const Received answer = world.fixture.send(world.request);
    CHECK(answer.status == 400);
    CHECK(answer.header("sec-websocket-version") == "13");
    CHECK(world.fixture.handler.calls == 0);
  }
  World world;
  world.request.body = "{}";
  CHECK(world.fixture.send(world.request).status == 400);
  CHECK(world.fixture.handler.calls == 0);
}

TEST_CASE("a page opens a WebSocket from our own origin or a listed one only") {
  struct Row {
    const char* origin;
    int status;
  };
  const Row rows[] = {
      {"http://driftstack.test", 101},
      {"https://Driftstack.Test", 101},
      {"https://app.example", 101},
      {"https://evil.example", 403},
      {"null", 403},
      {"https://driftstack.test.evil.example", 403},
      {"https://driftstack.test:444", 403},
      {"https://app.example:444", 403},
  };
  for (const auto& row : rows) {
    CAPTURE(row.origin);
    World world;
    world.request.with("Origin", row.origin);
    CHECK(world.fixture.send(world.request).status == row.status);
    CHECK(world.fixture.handler.calls == (row.status == 101 ? 1 : 0));
  }
}

TEST_CASE("a route that declares no WebSocket cannot open one, and one that does must") {
  World world;
  world.request.target = "/v1/plain";
  CHECK(world.fixture.send(world.request).status == 500);
  world.request.target = "/v1/live";
  world.fixture.handler.answer = []() -> Result<Response> { return Response(200, "{}"); };
  CHECK(world.fixture.send(world.request).status == 500);
  world.fixture.handler.answer = []() -> Result<Response> { return Error(Errc::unauthorized, "The token is not valid."); };
  const Received refused = world.fixture.send(world.request);
  CHECK(refused.status == 401);
  CHECK_FALSE(refused.has("sec-websocket-accept"));
}

}  // namespace driftstack::kernel

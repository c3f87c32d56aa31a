#include <catch2/catch.hpp>
#include <future>

#include "test_client.hpp"
#include "test_server.hpp"

using namespace driftstack::kernel;
using namespace std::chrono_literals;

namespace {

constexpr const char* kGet = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
using Clock = std::chrono::steady_clock;

}  // namespace

TEST_CASE("a drain ends idle connections at once and lets running requests end") {
  TestServer server;
  TestClient idle(server.port()), unused(server.port()), busy(server.port());
  REQUIRE(idle.send(kGet));
  CHECK(TestClient::status(idle.answer()) == 200);
  REQUIRE(busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"));
  server.handler.wait_for_held(1);
  auto stuck = std::async(std::launch::async, [&] { return server.server->drain(Clock::now() + 30s); });
  CHECK(idle.ended());
  CHECK(unused.ended());
  server.handler.release();
  const std::string answer = busy.answer();
  CHECK(TestClient::body(answer) == "held");
  CHECK(answer.find("connection: close\r\n") != std::string::npos);
  CHECK(busy.ended());
  CHECK(stuck.get() == 0);
  CHECK_FALSE(server.handler.saw_cancel());
}

TEST_CASE("nothing is accepted after a drain began") {
  TestServer server;
  const auto port = server.port();
  CHECK(server.server->drain(Clock::now() + 1s) == 0);
  ServerOptions options;
  options.listen[0].port = port;
  HttpServer next(options, server.io, server.handler, server.log, server.metrics);
  CHECK(next.start());  // the address is free again
}

TEST_CASE("a drain past its deadline cancels the calls, and tells how many requests do not end") {
  TestServer server;
  TestClient busy(server.port());
  REQUIRE(busy.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"));
  server.handler.wait_for_held(1);
  CHECK(server.server->drain(Clock::now() + 50ms) == 1);
  server.handler.release();
  server.handler.wait_for_finished(1);
  CHECK(server.handler.saw_cancel());
  CHECK(server.server->drain(Clock::now() + 20s) == 0);
}

TEST_CASE("a drain ends event streams in order") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
  server.handler.stream.push("data: 1\n\n");
  CHECK(client.until("data: 1\n\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(server.server->drain(Clock::now() + 20s) == 0);
  CHECK(client.rest() == "0\r\n\r\n");
  server.handler.stream.wait_until_stopped();
}

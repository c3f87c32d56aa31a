#include <catch2/catch.hpp>

#include "test_client.hpp"
#include "test_server.hpp"

using namespace driftstack::kernel;
using namespace std::chrono_literals;

namespace {

constexpr const char* kStream = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";

}  // namespace

TEST_CASE("events reach the client one by one as they come, and the end of the source ends the stream") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send(kStream));
  const std::string head = client.until("\r\n\r\n");
  CHECK(head.find("transfer-encoding: chunked\r\nconnection: close\r\n") != std::string::npos);
  server.handler.stream.push("event: a\ndata: 1\n\n");
  CHECK(client.until("\n\n\r\n") == "12\r\nevent: a\ndata: 1\n\n\r\n");
  server.handler.stream.push("data: 2\n\n");
  CHECK(client.until("\n\n\r\n") == "9\r\ndata: 2\n\n\r\n");
  server.handler.stream.end();
  CHECK(client.rest() == "0\r\n\r\n");
  server.handler.wait_for_finished(1);
}

TEST_CASE("a silent stream gets heartbeats") {
  ServerOptions options = quick_options();
  options.heartbeat = 50ms;
  TestServer server(options);
  TestClient client(server.port());
  REQUIRE(client.send(kStream));
  client.until("\r\n\r\n");
  CHECK(client.until("\n\n\r\n") == "8\r\n: ping\n\n\r\n");
  CHECK(client.until("\n\n\r\n") == "8\r\n: ping\n\n\r\n");
  server.handler.stream.push("data: x\n\n");
  CHECK(client.until("data: x").find("data: x") != std::string::npos);
}

TEST_CASE("a stream whose client is gone is stopped and its call cancelled, without an event to send") {
  ServerOptions options = quick_options();
  options.heartbeat = 50ms;
  TestServer server(options);
  {
    TestClient client(server.port());
    REQUIRE(client.send(kStream));
    client.until("\r\n\r\n");
  }
  server.handler.stream.wait_until_stopped();
  server.handler.wait_for_finished(1);
  CHECK(server.handler.stream.cancelled());
}

TEST_CASE("a client that does not read its stream is let go") {
  ServerOptions options = quick_options();
  options.write_timeout = 100ms;
  TestServer server(options);
  TestClient client(server.port(), 4096);
  REQUIRE(client.send(kStream));
  client.until("\r\n\r\n");
  for (int i = 0; i < 64; ++i) server.handler.stream.push("data: " + std::string(256 * 1024, 'x') + "\n\n");
  server.handler.stream.wait_until_stopped();
  server.handler.wait_for_finished(1);
}

TEST_CASE("an HTTP/1.0 client gets its stream without chunks, until the connection ends") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send("GET /stream HTTP/1.0\r\n\r\n"));
  CHECK(client.until("\r\n\r\n").find("transfer-encoding") == std::string::npos);
  server.handler.stream.push("data: 1\n\n");
  server.handler.stream.end();
  CHECK(client.rest() == "data: 1\n\n");
}

TEST_CASE("streams over the cap are refused before they start") {
  ServerOptions options = quick_options();
  options.max_event_streams = 1;
  TestServer server(options);
  TestClient first(server.port()), second(server.port());
  REQUIRE(first.send(kStream));
  first.until("\r\n\r\n");
  REQUIRE(second.send(kStream));
  const std::string refused = second.rest();
  CHECK(TestClient::status(refused) == 503);
  CHECK(refused.find("feature-unavailable") != std::string::npos);
  CHECK(server.metric("driftstack_http_event_streams") == 1);
}

TEST_CASE("HEAD of a stream answers without one") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  CHECK(TestClient::body(client.rest()).empty());
}

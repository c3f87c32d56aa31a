#include <algorithm>
#include <catch2/catch.hpp>

#include "test_client.hpp"
#include "test_server.hpp"

using namespace driftstack::kernel;
using namespace std::chrono_literals;

namespace {

constexpr const char* kOpen = "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// A client's frame with a mask of zeros, which is a mask.
std::string frame(int first, std::string_view payload) {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else {
    out += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(std::uint64_t{payload.size()} >> shift & 0xFF);
  }
  return out.append(4, '\0').append(payload);
}

std::string text(std::string_view payload) { return frame(0x81, payload); }
std::string close_of(std::uint16_t code, std::string_view reason = {}) {
  return std::string{static_cast<char>(0x88), static_cast<char>(2 + reason.size()), static_cast<char>(code >> 8), static_cast<char>(code)}
      .append(reason);
}

void open(TestClient& client) {
  REQUIRE(client.send(kOpen));
  CHECK(TestClient::status(client.until("\r\n\r\n")) == 101);
}

}  // namespace

TEST_CASE("messages go both ways, and the client's goodbye is answered with its own code") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send(kOpen));
  const std::string head = client.until("\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  CHECK(head.find("connection: Upgrade\r\n\r\n") != std::string::npos);
  CHECK(head.find("content-length") == std::string::npos);
  server.handler.socket.push("picture");
  CHECK(client.until("picture") == "\x82\x07picture");
  REQUIRE(client.send(frame(0x01, "ec") + frame(0x80, "ho!")));
  CHECK(client.until("echo!") ==
        "\x82\x05"
        "echo!");
  CHECK(server.metric("driftstack_http_websockets") == 1);
  REQUIRE(client.send(frame(0x88, std::string("\x0B\xB8", 2))));  // 3000
  CHECK(client.rest() == close_of(3000));
  server.handler.socket.wait_until_stopped();
  server.handler.wait_for_finished(1);
  CHECK(server.metric("driftstack_http_websocket_message_total", "sent") == 2);
  CHECK(server.metric("driftstack_http_websocket_message_total", "received") == 1);
}

TEST_CASE("what a client sends behind its head is not lost") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send(std::string(kOpen) + text("first") + text("second")));
  CHECK(server.handler.socket.wait_for_said(2) == std::vector<std::string>{"first", "second"});
}

TEST_CASE("each end of a WebSocket has its code") {
  TestServer server;
  TestClient client(server.port());
  open(client);
  SECTION("the source ends") {
    server.handler.socket.end();
    CHECK(client.rest() == close_of(1000));
  }
  SECTION("a mistake of the client tells what it was") {
    REQUIRE(client.send(text("mistake")));
    CHECK(client.rest() == close_of(1008, "That was wrong."));
  }
  SECTION("a fault of ours tells nothing") {
    REQUIRE(client.send(text("fault")));
    CHECK(client.rest() == close_of(1011));
  }
  SECTION("a frame that breaks the rules") {
    REQUIRE(client.send("\x81\x01x"));  // no mask
    CHECK(client.rest() == close_of(1002));
    CHECK(server.metric("driftstack_http_websocket_broken_total") == 1);
  }
  SECTION("a message over the limit of the route") {
    REQUIRE(client.send(frame(0x82, std::string(driftstack::kDefaultBodyLimit + 1, 'x')).substr(0, 100)));
    CHECK(client.rest() == close_of(1009));
  }
  SECTION("the server drains") {
    server.server->drain(std::chrono::steady_clock::now() + 10s);
    CHECK(client.rest() == close_of(1001));
  }
  server.handler.socket.wait_until_stopped();
  server.handler.wait_for_finished(1);
  CHECK_FALSE(server.handler.socket.cancelled());
}

TEST_CASE("a ping is answered with its payload, and a silent client is pinged, then let go") {
  ServerOptions options = quick_options();
  options.heartbeat = 50ms;
  TestServer server(options);
  TestClient client(server.port());
  open(client);
  REQUIRE(client.send(frame(0x89, "abc")));
  CHECK(
      client.until("abc").ends_with("\x8a\x03"
                                    "abc"));
  CHECK(client.until(std::string("\x89\x00", 2)).size() == 2);
  const std::string rest = client.rest();  // more pings, no goodbye to a dead client
  CHECK(rest.find('\x88') == std::string::npos);
  server.handler.socket.wait_until_stopped();
  server.handler.wait_for_finished(1);
}

TEST_CASE("a client that answers pings stays") {
  ServerOptions options = quick_options();
  options.heartbeat = 50ms;
  TestServer server(options);
  TestClient client(server.port());
  open(client);
  for (int i = 0; i < 8; ++i) {
    CHECK(client.until(std::string("\x89\x00", 2)).size() == 2);
    REQUIRE(client.send(frame(0x8A, "")));
  }
  REQUIRE(client.send(text("echo")));
  CHECK(
      client.until("echo").ends_with("\x82\x04"
                                     "echo"));
}

TEST_CASE("a client that goes without a word is noticed at once, also while its message is held") {
  TestServer server;
  {
    TestClient client(server.port());
    open(client);
    SECTION("while nothing is held") {}
    SECTION("while its message is held") {
      REQUIRE(client.send(text("hold")));
      server.handler.socket.wait_for_said(1);
    }
  }
  server.handler.socket.wait_until_stopped();
  server.handler.wait_for_finished(1);
  CHECK(server.handler.socket.cancelled());
}

TEST_CASE("a client that does not read makes the server ask for no more, and is let go") {
  ServerOptions options = quick_options();
  options.write_timeout = 100ms;
  TestServer server(options);
  TestClient client(server.port(), 4096);
  open(client);
  constexpr std::size_t kCount = 64;
  for (std::size_t i = 0; i < kCount; ++i) server.handler.socket.push(std::string(256 * 1024, 'x'));
  server.handler.socket.wait_until_stopped();
  server.handler.wait_for_finished(1);
  CHECK(server.handler.socket.pulled() < kCount);
}

TEST_CASE("a client that sends faster than its messages are taken has to wait") {
  TestServer server;
  TestClient client(server.port());
  open(client);
  REQUIRE(client.send(text("hold") + text("next")));
  CHECK(server.handler.socket.wait_for_said(1) == std::vector<std::string>{"hold"});
  // Other things go on meanwhile.
  server.handler.socket.push("picture");
  client.until("picture");
  CHECK(server.handler.socket.wait_for_said(1).size() == 1);
  server.handler.socket.release();
  CHECK(server.handler.socket.wait_for_said(2)[1] == "next");
}

TEST_CASE("a WebSocket over the cap or of an HTTP/1.0 client is refused before it starts") {
  ServerOptions options = quick_options();
  options.max_event_streams = 1;
  TestServer server(options);
  TestClient first(server.port()), second(server.port()), old(server.port());
  REQUIRE(old.send("GET /socket HTTP/1.0\r\n\r\n"));
  CHECK(TestClient::status(old.rest()) == 400);
  open(first);
  REQUIRE(second.send(kOpen));
  CHECK(TestClient::status(second.rest()) == 503);
}

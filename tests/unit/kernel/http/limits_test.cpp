#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <vector>

#include "test_client.hpp"
#include "test_server.hpp"

using namespace driftstack::kernel;
using namespace std::chrono_literals;

namespace {

constexpr const char* kGet = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";
using Clock = std::chrono::steady_clock;

}  // namespace

TEST_CASE("a head that does not arrive in time ends the connection, however steadily it drips") {
  ServerOptions options = quick_options();
  options.head_timeout = 150ms;
  TestServer server(options);
  TestClient client(server.port());
  const auto begin = Clock::now();
  REQUIRE(client.send("GET /echo HTTP/1.1\r\nHost: a\r\n"));
  // One header per 20 ms: each read makes progress, the deadline does not move.
  bool open = true;
  while (open && Clock::now() - begin < 10s) {
    open = client.send("X: y\r\n");
    std::promise<void> later;
    auto pause = [](IoThreads& io) -> driftstack::Task<int> {
      co_await driftstack::until(io, Clock::now() + 20ms, 0);
      co_return 0;
    };
    driftstack::start(pause(server.io), [&](int) { later.set_value(); });
    later.get_future().get();
  }
  CHECK_FALSE(open);
  CHECK(Clock::now() - begin >= 150ms);
  CHECK(Clock::now() - begin < 2s);
}

TEST_CASE("a connection that never sends anything ends after the head's time, one that was used after the idle time") {
  ServerOptions options = quick_options();
  options.head_timeout = 100ms;
  options.idle_timeout = 300ms;
  TestServer server(options);
  TestClient silent(server.port()), used(server.port());
  const auto begin = Clock::now();
  REQUIRE(used.send(kGet));
  CHECK(TestClient::status(used.answer()) == 200);
  CHECK(silent.ended());
  const auto first = Clock::now();
  CHECK(used.ended());
  CHECK(first - begin >= 100ms);
  CHECK(Clock::now() - begin >= 300ms);
}

TEST_CASE("the head's time begins anew with the first byte of each head") {
  ServerOptions options = quick_options();
  options.head_timeout = 150ms;
  options.idle_timeout = 10s;
  TestServer server(options);
  TestClient client(server.port());
  REQUIRE(client.send(kGet));
  CHECK(TestClient::status(client.answer()) == 200);
  const auto begin = Clock::now();
  REQUIRE(client.send("G"));
  CHECK(client.ended());
  CHECK(Clock::now() - begin >= 150ms);
  CHECK(Clock::now() - begin < 5s);
}

TEST_CASE("a body slower than the least rate is given up, and the client is told") {
  ServerOptions options = quick_options();
  options.body_grace = 100ms;
  options.body_min_rate = 1000;
  TestServer server(options);
  TestClient client(server.port());
  REQUIRE(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nabc"));
  const std::string all = client.rest();
  CHECK(all.find("The request body arrived too slowly.") != std::string::npos);
  CHECK(all.find("connection: close\r\n") != std::string::npos);
}

TEST_CASE("bytes that arrive earn time for the rest of the body") {
  ServerOptions options = quick_options();
  options.body_grace = 200ms;
  options.body_min_rate = 100;  // 50 bytes earn half a second
  TestServer server(options);
  TestClient client(server.port());
  const auto begin = Clock::now();
  REQUIRE(client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n"));
  REQUIRE(client.send(std::string(50, 'x')));
  client.rest();
  CHECK(Clock::now() - begin >= 500ms);
}

TEST_CASE("a client that takes nothing of its answer is let go") {
  ServerOptions options = quick_options();
  options.write_timeout = 150ms;
  TestServer server(options);
  TestClient client(server.port(), 4096);
  REQUIRE(client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
  server.handler.wait_for_finished(1);
  CHECK(server.handler.bytes_sent() < TestHandler::kBigSize);
}

TEST_CASE("connections over the total cap are closed at once, and places come back") {
  ServerOptions options = quick_options();
  options.max_connections = 2;
  TestServer server(options);
  auto first = std::make_unique<TestClient>(server.port());
  TestClient second(server.port());
  for (TestClient* client : {first.get(), &second}) {
    REQUIRE(client->send(kGet));
    CHECK(TestClient::status(client->answer()) == 200);
  }
  TestClient third(server.port());
  CHECK(third.ended());
  CHECK(server.metric("driftstack_http_connection_refused_total", "total") == 1);
  first.reset();
  bool served = false;
  for (int tries = 0; tries < 1000 && !served; ++tries) {  // the server needs a moment to see the end
    TestClient again(server.port());
    served = again.send(kGet) && !again.answer().empty();
  }
  CHECK(served);
}

TEST_CASE("one address holds no more than its share, unless it is a trusted proxy") {
  ServerOptions options = quick_options();
  options.max_connections_per_address = 1;
  SECTION("counted") {
    TestServer server(options);
    TestClient first(server.port());
    REQUIRE(first.send(kGet));
    CHECK(TestClient::status(first.answer()) == 200);
    TestClient second(server.port());
    CHECK(second.ended());
    CHECK(server.metric("driftstack_http_connection_refused_total", "address") == 1);
  }
  SECTION("trusted") {
    options.uncounted = [](const PeerAddress& peer) { return peer.bytes[12] == 127; };
    TestServer server(options);
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 3; ++i) {
      clients.push_back(std::make_unique<TestClient>(server.port()));
      REQUIRE(clients.back()->send(kGet));
      CHECK(TestClient::status(clients.back()->answer()) == 200);
    }
  }
}

TEST_CASE("an address that is in use is named, and so is one that is none") {
  TestServer server;
  for (const auto& [host, port] :
       {std::pair<std::string, std::uint16_t>("127.0.0.1", server.port()), std::pair<std::string, std::uint16_t>("example", 1)}) {
    ServerOptions options;
    options.listen[0].host = host;
    options.listen[0].port = port;
    HttpServer second(options, server.io, server.handler, server.log, server.metrics);
    const auto started = second.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().detail.find(host + ":" + std::to_string(port)) != std::string::npos);
  }
}

TEST_CASE("a reload changes the limits of new connections only") {
  TestServer server;
  TestClient before(server.port());
  REQUIRE(before.send(kGet));
  CHECK(TestClient::status(before.answer()) == 200);
  ServerOptions options = quick_options();
  options.head.headers = 1;
  REQUIRE(server.server->reload(options));
  TestClient after(server.port());
  const std::string two = "GET /echo HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
  REQUIRE(after.send(two));
  CHECK(TestClient::status(after.answer()) == 400);
  REQUIRE(before.send(two));
  CHECK(TestClient::status(before.answer()) == 200);
  options.tls = TlsIdentity{"", ""};
  CHECK_FALSE(server.server->reload(options));
}

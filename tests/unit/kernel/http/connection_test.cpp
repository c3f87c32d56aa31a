#include <catch2/catch.hpp>
#include <future>

#include "test_client.hpp"
#include "test_server.hpp"

using namespace driftstack::kernel;
using namespace std::chrono_literals;

namespace {

constexpr const char* kGet = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

std::string post(const std::string& headers, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

}  // namespace

TEST_CASE("requests on one connection are answered one after the other") {
  TestServer server;
  TestClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    REQUIRE(client.send(kGet));
    const std::string answer = client.answer();
    CHECK(TestClient::status(answer) == 200);
    CHECK(TestClient::body(answer) == "GET /echo ");
    CHECK(answer.find("\r\ndate: ") != std::string::npos);
    CHECK(answer.find("connection:") == std::string::npos);
  }
}

TEST_CASE("pipelined requests are answered in order, bodies and all") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send(post("Content-Length: 3\r\n", "one") + post("Transfer-Encoding: chunked\r\n", "3\r\ntwo\r\n0\r\n\r\n") + kGet +
                      post("Content-Length: 4\r\n", "four") + "GET /hop HTTP/1.1\r\nHost: a\r\n\r\n" + kGet));
  CHECK(TestClient::body(client.answer()) == "POST /echo one");
  CHECK(TestClient::body(client.answer()) == "POST /echo two");
  CHECK(TestClient::body(client.answer()) == "GET /echo ");
  CHECK(TestClient::body(client.answer()) == "POST /echo four");
  CHECK(TestClient::body(client.answer()) == "hopped");
  CHECK(TestClient::body(client.answer()) == "GET /echo ");
}

TEST_CASE("what arrives in single bytes is the same request, and the next one is found behind it") {
  TestServer server;
  TestClient client(server.port());
  for (const std::string& text :
       {post("Content-Length: 3\r\n", "one"), post("Transfer-Encoding: chunked\r\n", "2\r\ntw\r\n1\r\no\r\n0\r\n\r\n")}) {
    for (const char c : text) REQUIRE(client.send(std::string(1, c)));
    CHECK(TestClient::status(client.answer()) == 200);
  }
  REQUIRE(client.send(kGet));
  CHECK(TestClient::body(client.answer()) == "GET /echo ");
}

TEST_CASE("a chunked body that ends in the same packet as the next request begins leaves that request whole") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send(post("Transfer-Encoding: chunked\r\n", "")));
  REQUIRE(client.send("3\r\nabc\r\n0\r\n\r\n" + std::string(kGet) + "GET /ec"));
  CHECK(TestClient::body(client.answer()) == "POST /echo abc");
  CHECK(TestClient::body(client.answer()) == "GET /echo ");
  REQUIRE(client.send("ho HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK(TestClient::body(client.answer()) == "GET /echo ");
}

TEST_CASE("a bad head gets one answer, and nothing behind it is read as a request") {
  TestServer server;
  const std::string smuggled = "GET /echo?smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const std::string& bad :
       {post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), post("Content-Length: 3\r\nContent-Length: 3\r\n", "one"),
        post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        std::string("GET /echo HTTP/1.1\nHost: a\n\n"), std::string("GET http://a/echo HTTP/1.1\r\nHost: a\r\n\r\n"),
        "GET /" + std::string(200'000, 'a')}) {
    INFO(bad.substr(0, 100));
    TestClient client(server.port());
    client.send(bad + smuggled);
    const std::string all = client.rest();
    CHECK(TestClient::status(all) == 400);
    CHECK(all.find("connection: close\r\n") != std::string::npos);
    CHECK(all.find("HTTP/1.1", 1) == std::string::npos);
  }
}

TEST_CASE("a malformed or oversized chunked body ends the connection") {
  TestServer server;
  struct Row {
    const char* body;
    int status;
  };
  for (const Row& row : {Row{"3;x\r\nabc\r\n0\r\n\r\n", 400}, Row{"fffffffffffffffff\r\n", 400}, Row{"3\r\nabcd\r\n", 400},
                         Row{"3e9\r\n", 413}, Row{"ffffffff\r\n", 413}}) {
    INFO(row.body);
    TestClient client(server.port());
    REQUIRE(client.send(post("Transfer-Encoding: chunked\r\n", row.body) + kGet));
    const std::string all = client.rest();
    CHECK(TestClient::status(all) == row.status);
    CHECK(all.find("HTTP/1.1", 1) == std::string::npos);
  }
}

TEST_CASE("a body over the limit is refused with both sizes, and the answer survives the rest of the body") {
  TestServer server;
  TestClient client(server.port());
  client.send(post("Content-Length: 2000000\r\n", std::string(2'000'000, 'x')));
  const std::string all = client.rest();
  CHECK(TestClient::status(all) == 413);
  CHECK(all.find(R"("limit_bytes":1000,"size_bytes":2000000)") != std::string::npos);
}

TEST_CASE("an early answer keeps the connection when the unread body is short, and ends it when it is long") {
  TestServer server;
  const auto early = [](std::size_t size) {
    return "POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  };
  TestClient client(server.port());
  REQUIRE(client.send(early(60'000)));
  CHECK(TestClient::status(client.answer()) == 401);
  REQUIRE(client.send(std::string(60'000, 'x') + kGet));
  CHECK(TestClient::body(client.answer()) == "GET /echo ");
  REQUIRE(client.send(early(70'000)));
  const std::string answer = client.answer();
  CHECK(TestClient::status(answer) == 401);
  CHECK(answer.find("connection: close\r\n") != std::string::npos);
  CHECK(client.ended());
}

TEST_CASE("a client that waits for 100 Continue gets it only when the body is wanted") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send(post("Expect: 100-continue\r\nContent-Length: 3\r\n", "")));
  CHECK(client.answer() == "HTTP/1.1 100 Continue\r\n\r\n");
  REQUIRE(client.send("abc"));
  CHECK(TestClient::body(client.answer()) == "POST /echo abc");

  REQUIRE(client.send(post("Expect: 100-continue\r\nContent-Length: 5000\r\n", "")));
  CHECK(TestClient::status(client.answer()) == 413);
  CHECK(client.ended());  // nobody knows whether the body follows

  TestClient impatient(server.port());
  REQUIRE(impatient.send(post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc")));
  CHECK(TestClient::body(impatient.answer()) == "POST /echo abc");
}

TEST_CASE("HEAD tells the length and sends no body") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send("HEAD /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  const std::string all = client.rest();
  CHECK(all.find("content-length: 11\r\n") != std::string::npos);
  CHECK(TestClient::body(all).empty());
}

TEST_CASE("204 has neither body nor length, and the connection goes on") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send("DELETE /empty HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kGet)));
  const std::string answer = client.answer();
  CHECK(TestClient::status(answer) == 204);
  CHECK(answer.find("content-length") == std::string::npos);
  CHECK(TestClient::status(client.answer()) == 200);
}

TEST_CASE("a connection ends when either side or the protocol version asks for it") {
  TestServer server;
  for (const char* text : {"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /close HTTP/1.1\r\nHost: a\r\n\r\n",
                           "GET /echo HTTP/1.0\r\n\r\n"}) {
    TestClient client(server.port());
    REQUIRE(client.send(text + std::string(kGet)));
    const std::string all = client.rest();
    CHECK(TestClient::status(all) == 200);
    CHECK(all.find("connection: close\r\n") != std::string::npos);
    CHECK(all.find("HTTP/1.1", 1) == std::string::npos);
  }
}

TEST_CASE("an answer that the socket does not take at once arrives whole, and so does the next") {
  TestServer server;
  TestClient client(server.port(), 4096);
  REQUIRE(client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kGet)));
  const std::string big = client.answer();
  CHECK(TestClient::body(big) == std::string(TestHandler::kBigSize, 'b'));
  CHECK(TestClient::body(client.answer()) == "GET /echo ");
  server.handler.wait_for_finished(2);
}

TEST_CASE("the number of bytes that were sent is told once per exchange, after the last byte") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send(kGet));
  const std::string answer = client.answer();
  server.handler.wait_for_finished(1);
  CHECK(server.handler.bytes_sent() == answer.size());
}

TEST_CASE("a client that goes away cancels the call of its request") {
  TestServer server;
  {
    TestClient client(server.port());
    SECTION("that has no body") { REQUIRE(client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")); }
    SECTION("whose body came after its head") {
      REQUIRE(client.send("POST /hold HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"));
      CHECK(client.answer() == "HTTP/1.1 100 Continue\r\n\r\n");
      REQUIRE(client.send("abc"));
    }
    server.handler.wait_for_held(1);
  }
  // The call is looked at every 20 ms; two looks later it must have been cancelled.
  std::promise<void> later;
  auto pause = [](IoThreads& io) -> driftstack::Task<int> {
    co_await driftstack::until(io, driftstack::Call::Clock::now() + 200ms, 0);
    co_return 0;
  };
  driftstack::start(pause(server.io), [&](int) { later.set_value(); });
  later.get_future().get();
  server.handler.release();
  server.handler.wait_for_finished(1);
  CHECK(server.handler.saw_cancel());
}

TEST_CASE("a client that stays does not cancel anything") {
  TestServer server;
  TestClient client(server.port());
  REQUIRE(client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"));
  server.handler.wait_for_held(1);
  server.handler.release();
  CHECK(TestClient::body(client.answer()) == "held");
  CHECK_FALSE(server.handler.saw_cancel());
}

#include "kernel/runtime/outbound_http.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <future>
#include <thread>

#include "kernel/runtime/io_threads.hpp"

using namespace driftstack;
using namespace std::chrono_literals;
using driftstack::kernel::CurlOutboundHttp;
using driftstack::kernel::EgressPolicy;
using driftstack::kernel::IoThreads;
using driftstack::kernel::WorkerPool;

namespace {

// A server for one connection: reads a request, then sends a text or, without one, waits until the client gives up.
class Origin {
 public:
  explicit Origin(std::string answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_, 4) == 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Origin() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string place() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url() const { return "http://" + place() + "/x"; }
  std::string request() { return seen_.get_future().get(); }

 private:
  void serve() {
    const int peer = ::accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    std::string head(4096, '\0');
    const ssize_t size = ::recv(peer, head.data(), head.size(), 0);
    head.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    seen_.set_value(head);
    if (answer_.empty())
      (void)::recv(peer, head.data(), 1, 0);  // ends when the client closes
    else
      (void)::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    ::close(peer);
  }
  std::string answer_;
  int listener_ = -1;
  int port_ = 0;
  std::promise<std::string> seen_;
  std::thread thread_;
};

struct Sender {
  explicit Sender(EgressPolicy policy) : workers(1), io(1, workers), http(io, std::move(policy)) {}

  Result<OutboundResponse> send(OutboundRequest request, std::chrono::milliseconds time = 10s, bool cancel = false) {
    Call call("test", 0, Call::Clock::now() + time);
    if (cancel) call.cancel();
    std::promise<Result<OutboundResponse>> answer;
    io.post(0, [&] {
      start(http.send(call, std::move(request)), [&](Result<OutboundResponse> result) {
        home = io.current_io_thread();
        answer.set_value(std::move(result));
      });
    });
    return answer.get_future().get();
  }

  WorkerPool workers;
  IoThreads io;
  CurlOutboundHttp http;
  IoThread home = kNoIoThread;
};

EgressPolicy listed(const Origin& origin) {
  EgressPolicy policy;
  policy.private_targets = {origin.place()};
  return policy;
}

}  // namespace

TEST_CASE("a call carries method, headers and body, and comes back on its io thread") {
  Origin origin("HTTP/1.1 201 Created\r\nX-Answer:  yes \r\nContent-Length: 2\r\n\r\nok");
  Sender sender(listed(origin));
  OutboundRequest request("POST", origin.url());
  request.headers.emplace_back("X-Ask", "why");
  request.body = "{}";
  const auto result = sender.send(std::move(request));
  REQUIRE(result);
  CHECK(sender.home == 0);
  CHECK(result->status == 201);
  CHECK(result->body == "ok");
  REQUIRE(result->headers.size() == 2);
  CHECK(result->headers[0].name == "X-Answer");
  CHECK(result->headers[0].value == "yes");
  const std::string seen = origin.request();
  CHECK(seen.starts_with("POST /x HTTP/1.1\r\n"));
  CHECK(seen.find("X-Ask: why\r\n") != std::string::npos);
  CHECK(seen.find("Content-Type") == std::string::npos);
  CHECK(seen.find("Expect") == std::string::npos);
}

TEST_CASE("redirects are answers, not orders") {
  Origin origin("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  Sender sender(listed(origin));
  const auto result = sender.send(OutboundRequest("GET", origin.url()));
  REQUIRE(result);
  CHECK(result->status == 302);
}

TEST_CASE("proxies of the environment are not used") {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  Origin origin("HTTP/1.1 204 No Content\r\n\r\n");
  Sender sender(listed(origin));
  CHECK(sender.send(OutboundRequest("GET", origin.url())));
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
}

TEST_CASE("an answer over the limit is refused") {
  Origin origin("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world");
  Sender sender(listed(origin));
  OutboundRequest request("GET", origin.url());
  request.response_limit = 10;
  const auto result = sender.send(std::move(request));
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::payload_too_large);
}

TEST_CASE("a name that resolves to an inner address is refused when it is dialled") {
  EgressPolicy policy;
  policy.hosts = {"*"};
  Sender sender(policy);
  for (const char* url : {"https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/"}) {
    INFO(url);
    const auto result = sender.send(OutboundRequest("GET", url));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::forbidden);
  }
}

TEST_CASE("deadline, cancellation and a closed port have their own errors") {
  Origin silent("");
  Sender sender(listed(silent));
  auto late = sender.send(OutboundRequest("GET", silent.url()), 100ms);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Errc::timeout);
  auto past = sender.send(OutboundRequest("GET", silent.url()), -1ms);
  REQUIRE_FALSE(past);
  CHECK(past.error().code == Errc::timeout);

  EgressPolicy policy;
  policy.private_targets = {"127.0.0.1:1"};
  Sender nowhere(policy);
  const auto closed = nowhere.send(OutboundRequest("GET", "http://127.0.0.1:1/"));
  REQUIRE_FALSE(closed);
  CHECK(closed.error().code == Errc::unreachable);
}

TEST_CASE("a cancelled call ends although the other side is silent") {
  Origin silent("");
  Sender sender(listed(silent));
  const auto cancelled = sender.send(OutboundRequest("GET", silent.url()), 30s, true);
  REQUIRE_FALSE(cancelled);
  CHECK(cancelled.error().code == Errc::cancelled);
}

TEST_CASE("a header or method that would break the message is refused before anything is sent") {
  EgressPolicy policy;
  policy.hosts = {"*"};
  Sender sender(policy);
  OutboundRequest split("GET", "https://a.example/");
  split.headers.emplace_back("X", "a\r\nY: b");
  CHECK(sender.send(std::move(split)).error().code == Errc::misuse);
  CHECK(sender.send(OutboundRequest("GET /", "https://a.example/")).error().code == Errc::misuse);
}

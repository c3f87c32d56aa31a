// The way out of a session, driven by a client of its own. Only loopback is dialled.

#include "plugins/browser-webkit/egress/guard.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "plugins/browser-webkit/driver/containment.hpp"
#include "plugins/browser-webkit/egress/connection.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr int kPatience = 5000;  // milliseconds

Address address(const std::string& text) {
  const std::optional<Address> parsed = parse_address(text);
  REQUIRE(parsed);
  return *parsed;
}

/// Reads `count` bytes, fewer when the other side ends.
std::string read_some(int socket, std::size_t count) {
  std::string all;
  std::array<char, 4096> piece;
  while (all.size() < count) {
    pollfd wanted{socket, POLLIN, 0};
    REQUIRE(poll(&wanted, 1, kPatience) == 1);
    const ssize_t got = recv(socket, piece.data(), std::min(piece.size(), count - all.size()), 0);
    if (got <= 0) break;
    all.append(piece.data(), static_cast<std::size_t>(got));
  }
  return all;
}

Descriptor connect_to(std::uint16_t port) {
  Descriptor client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress to = socket_address(address("127.0.0.1"), port);
  REQUIRE(connect(client.get(), to.get(), to.size) == 0);
  return client;
}

void send_text(const Descriptor& socket, std::string_view text) {
  REQUIRE(send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
}

/// Says back what it hears, on 127.0.0.1.
class Echo {
 public:
  Echo() : listener_(listen_on_loopback(0)), thread_([this] { run(); }) {}
  ~Echo() {
    ending_ = true;
    connect_to(port());
    thread_.join();
  }
  std::uint16_t port() const { return port_of(listener_.get()); }
  unsigned connections() const { return connections_; }

 private:
  void run() {
    for (;;) {
      pollfd wanted{listener_.get(), POLLIN, 0};
      poll(&wanted, 1, -1);
      const Descriptor client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (ending_) return;
      ++connections_;
      std::array<char, 4096> piece;
      for (ssize_t got = 0; (got = recv(client.get(), piece.data(), piece.size(), 0)) > 0;) {
        (void)!send(client.get(), piece.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
      }
    }
  }
  Descriptor listener_;
  std::atomic<bool> ending_{false};
  std::atomic<unsigned> connections_{0};
  std::thread thread_;
};

class Session {
 public:
  Session(const std::vector<std::string>& allowed, Resolver::Lookup lookup, std::int64_t most_bytes = 1 << 30)
      : egress_(loop_, *AllowedTargets::make(allowed), most_bytes, std::move(lookup)) {
    Descriptor listener(listen_on_loopback(0));
    port_ = port_of(listener.get());
    on_loop([&] { guard_ = std::make_shared<EgressGuard>(egress_, std::move(listener)); });
  }
  ~Session() {
    on_loop([&] { guard_.reset(); });
  }
  void on_loop(const std::function<void()>& work) {
    std::promise<void> done;
    loop_.post([&] {
      work();
      done.set_value();
    });
    done.get_future().get();
  }
  browser::Traffic traffic() {
    browser::Traffic now;
    on_loop([&] { now = guard_->traffic(); });
    return now;
  }
  EgressGuard& guard() { return *guard_; }
  Descriptor client() const { return connect_to(port_); }

 private:
  LoopThread loop_;
  Egress egress_;
  std::shared_ptr<EgressGuard> guard_;
  std::uint16_t port_ = 0;
};

std::string request_for(const std::string& host, std::uint16_t port) {
  std::string bytes{'\x05', '\x01', '\x00', '\x03', static_cast<char>(host.size())};
  return bytes + host + static_cast<char>(port >> 8) + static_cast<char>(port & 0xff);
}

/// The reply code, and the connection when it is 0.
std::pair<int, Descriptor> ask(const Session& session, const std::string& host, std::uint16_t port) {
  Descriptor client = session.client();
  send_text(client, std::string_view("\x05\x01\x00", 3));
  REQUIRE(read_some(client.get(), 2) == std::string("\x05\x00", 2));
  send_text(client, request_for(host, port));
  const std::string answer = read_some(client.get(), 10);
  REQUIRE(answer.size() == 10);
  return {answer[1], std::move(client)};
}

constexpr int kOk = 0, kNoName = 4, kRefused = 5;

Resolver::Lookup answering(const std::vector<std::string>& addresses) {
  return [addresses](const std::string&) {
    Addresses all;
    for (const std::string& one : addresses) all.push_back(*parse_address(one));
    return all;
  };
}

TEST_CASE("bytes pass both ways to an address that was checked, and are counted") {
  Echo echo;
  std::atomic<int> lookups{0};
  Session session({"site.test:" + std::to_string(echo.port())}, [&](const std::string& host) {
    ++lookups;
    return host == "site.test" ? Addresses{*parse_address("127.0.0.1")} : Addresses();
  });
  const auto [code, client] = ask(session, "SITE.test.", echo.port());
  REQUIRE(code == kOk);
  const std::string much(300'000, 'x');
  std::thread sender([&client = client, &much] { (void)!send(client.get(), much.data(), much.size(), MSG_NOSIGNAL); });
  CHECK(read_some(client.get(), much.size()) == much);
  sender.join();
  shutdown(client.get(), SHUT_WR);
  CHECK(read_some(client.get(), 1).empty());  // the end travels too
  CHECK(lookups == 1);
  const browser::Traffic traffic = session.traffic();
  CHECK(traffic.bytes_out == static_cast<std::int64_t>(much.size()));
  CHECK(traffic.bytes_in == static_cast<std::int64_t>(much.size()));
  CHECK(traffic.connections == 1);
  CHECK(traffic.refused == 0);
}

TEST_CASE("addresses that are not public are refused, whatever leads to them") {
  Echo canary;
  const std::string private_address =
      GENERATE("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16",
               "224.0.0.1", "255.255.255.255", "0.0.0.0", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
               "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001::1", "2001:db8::1");
  INFO(private_address);
  Session by_name({}, answering({private_address}));
  CHECK(ask(by_name, "name.test", canary.port()).first == kRefused);
  Session mixed({}, answering({"1.1.1.1", private_address}));  // dialled is neither
  CHECK(ask(mixed, "name.test", canary.port()).first == kRefused);
  Session literal({}, Resolver::system_lookup);
  CHECK(ask(literal, private_address, canary.port()).first == kRefused);
  CHECK(canary.connections() == 0);
  CHECK(by_name.traffic().refused == 1);
  CHECK(by_name.traffic().connections == 0);
}

TEST_CASE("odd spellings of a loopback address are refused, and the twin with the target allowed gets there") {
  Echo canary;
  Session session({}, Resolver::system_lookup);
  for (const std::string host : {"127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "0"}) {
    INFO(host);
    CHECK(ask(session, host, canary.port()).first == kRefused);
  }
  CHECK(canary.connections() == 0);
  Session allowed({"localhost:" + std::to_string(canary.port())}, Resolver::system_lookup);
  CHECK(ask(allowed, "localhost", canary.port()).first == kOk);
  CHECK(ask(allowed, "127.0.0.1", canary.port()).first == kRefused);  // only the spelling that the operator named
}

TEST_CASE("a name that was public a moment ago is checked again by what it resolves to now") {
  Echo canary;
  std::atomic<int> lookups{0};
  Session session({}, [&](const std::string&) {
    // The first answer is refused for its second address only, so that nothing outside is dialled.
    return lookups++ == 0 ? Addresses{*parse_address("1.1.1.1"), *parse_address("10.0.0.1")} : Addresses{*parse_address("127.0.0.1")};
  });
  CHECK(ask(session, "rebinding.test", canary.port()).first == kRefused);
  CHECK(ask(session, "rebinding.test", canary.port()).first == kRefused);
  CHECK(lookups == 2);
  CHECK(canary.connections() == 0);
}

TEST_CASE("the addresses of this machine itself are refused") {
  OwnAddresses own;
  CHECK(own.contains(address("127.0.0.1")));
  CHECK_FALSE(own.contains(address("1.1.1.1")));
}

TEST_CASE("a name without addresses is told apart, a closed port is not told from a refusal") {
  Descriptor closed(listen_on_loopback(0));
  const std::uint16_t port = port_of(closed.get());
  closed.reset();
  Session session({"127.0.0.1:" + std::to_string(port)},
                  [](const std::string& host) { return host == "127.0.0.1" ? Addresses{*parse_address(host)} : Addresses(); });
  CHECK(ask(session, "nothing.test", 80).first == kNoName);
  CHECK(ask(session, "127.0.0.1", port).first == kRefused);
  CHECK(session.traffic().refused == 0);
}

TEST_CASE("when the first address of a name does not answer, the next is tried") {
  Echo echo;
  Session session({"site.test:" + std::to_string(echo.port())}, answering({"127.0.0.9", "127.0.0.1"}));
  CHECK(ask(session, "site.test", echo.port()).first == kOk);
}

TEST_CASE("lists of domains hold for a name and its subdomains, and a block wins") {
  const DomainLists both{{"example.com", "127.0.0.1"}, {"private.example.com"}};
  for (const char* host : {"example.com", "www.example.com", "a.b.example.com", "127.0.0.1"}) CHECK(both.permit(host));
  for (const char* host : {"private.example.com", "x.private.example.com", "example.org", "notexample.com", "com", "", "27.0.0.1"}) {
    CHECK_FALSE(both.permit(host));
  }
  const DomainLists blocks{{}, {"example.com"}};
  CHECK(blocks.permit("example.org"));
  CHECK_FALSE(blocks.permit("www.example.com"));

  Echo echo;
  const std::string port = std::to_string(echo.port());
  Session session({"a.test:" + port, "b.test:" + port}, answering({"127.0.0.1"}));
  session.on_loop([&] { session.guard().follow(EgressRules{DomainLists{{"a.test"}, {}}, nullptr}); });
  CHECK(ask(session, "b.test", echo.port()).first == kRefused);
  CHECK(ask(session, "a.test", echo.port()).first == kOk);
}

TEST_CASE("a session that moved its share of bytes reaches nothing any more") {
  Echo echo;
  Session session({"127.0.0.1:" + std::to_string(echo.port())}, Resolver::system_lookup, 1000);
  const auto [code, client] = ask(session, "127.0.0.1", echo.port());
  REQUIRE(code == kOk);
  send_text(client, std::string(2000, 'x'));
  read_some(client.get(), 4000);  // until it is cut
  const Descriptor next = session.client();
  CHECK(read_some(next.get(), 1).empty());
  CHECK(session.traffic().refused >= 2);
}

TEST_CASE("a session holds so many connections and no more") {
  Session session({}, answering({}));
  std::vector<Descriptor> held;
  for (int i = 0; i < 256; ++i) held.push_back(session.client());
  send_text(held.back(), std::string_view("\x05\x01\x00", 3));
  CHECK(read_some(held.back().get(), 2).size() == 2);
  const Descriptor one_more = session.client();
  CHECK(read_some(one_more.get(), 1).empty());
}

TEST_CASE("a handshake in any pieces is read, and one that is none ends the connection") {
  Echo echo;
  Session session({"127.0.0.1:" + std::to_string(echo.port())}, Resolver::system_lookup);
  const Descriptor slow = session.client();
  for (const char c : std::string("\x05\x02\x00\x02", 4) + request_for("127.0.0.1", echo.port())) send_text(slow, std::string_view(&c, 1));
  CHECK(read_some(slow.get(), 12).substr(2, 2) == std::string("\x05\x00", 2));

  const std::string greeting("\x05\x01\x00", 3);
  for (const std::string& broken : {std::string("GET / HTTP/1.1\r\n\r\n"), std::string("\x04\x01\x00", 3), std::string("\x05\x01\x02", 3),
                                    std::string("\x05\x00", 2), greeting + std::string("\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", 10),
                                    greeting + std::string("\x05\x01\x00\x09", 4) + "xxxx", greeting + request_for("a b", 80),
                                    greeting + request_for("", 80), greeting + request_for("a/../b", 80), greeting + request_for("a", 0)}) {
    const Descriptor client = session.client();
    send_text(client, broken);
    const std::string answer = read_some(client.get(), 100);
    CHECK(answer.find(std::string("\x05\x00\x00", 3)) == std::string::npos);
  }
}

}  // namespace
}  // namespace driftstack::browser_webkit

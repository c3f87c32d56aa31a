#include "proxy_server.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>

#include "driftstack/support/base64.hpp"

namespace driftstack::browser_test {
namespace {

std::string read_exactly(int socket, std::size_t size) {
  std::string all(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = recv(socket, all.data() + done, size - done, 0);
    if (got <= 0) return {};
    done += static_cast<std::size_t>(got);
  }
  return all;
}

void say(int socket, std::string_view text) { (void)!send(socket, text.data(), text.size(), MSG_NOSIGNAL); }

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Until both sides have ended.
void relay(int client, int server, int wake) {
  std::array<pollfd, 3> wanted{{{client, POLLIN, 0}, {server, POLLIN, 0}, {wake, POLLIN, 0}}};
  std::array<char, 16384> piece;
  for (;;) {
    if (poll(wanted.data(), wanted.size(), -1) < 0 || wanted[2].revents != 0) return;
    for (const auto& [from, to] : {std::pair(0, 1), std::pair(1, 0)}) {
      if (wanted[static_cast<std::size_t>(from)].revents == 0) continue;
      const int from_socket = from == 0 ? client : server;
      const ssize_t got = recv(from_socket, piece.data(), piece.size(), 0);
      if (got <= 0) return;
      say(to == 0 ? client : server, std::string_view(piece.data(), static_cast<std::size_t>(got)));
    }
  }
}

constexpr std::size_t kSocksHead = 4;

}  // namespace

ProxyServer::ProxyServer(browser::ProxyScheme scheme, std::optional<Credentials> wants)
    : scheme_(scheme), wants_(std::move(wants)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), wake_(eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, SOMAXCONN) != 0 || getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { run(); });
}

ProxyServer::~ProxyServer() {
  eventfd_write(wake_, 1);
  acceptor_.join();
  for (std::thread& worker : workers_) worker.join();
  close(listener_);
  close(wake_);
}

void ProxyServer::knows(std::string host, std::uint16_t port) {
  const std::lock_guard lock(mutex_);
  names_[std::move(host)] = port;
}

browser::Proxy ProxyServer::proxy(std::optional<Credentials> credentials) const {
  browser::Proxy proxy;
  proxy.scheme = scheme_;
  proxy.host = "127.0.0.1";
  proxy.port = port_;
  if (credentials) {
    proxy.username = credentials->first;
    proxy.password = SecretText(credentials->second);
  }
  return proxy;
}

std::vector<std::string> ProxyServer::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void ProxyServer::run() {
  for (;;) {
    std::array<pollfd, 2> wanted{{{listener_, POLLIN, 0}, {wake_, POLLIN, 0}}};
    if (poll(wanted.data(), wanted.size(), -1) < 0) continue;
    if (wanted[1].revents != 0) return;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    workers_.emplace_back([this, client] {
      if (!broken_) serve(client);
      close(client);
    });
  }
}

void ProxyServer::serve(int client) {
  const std::optional<Target> target = scheme_ == browser::ProxyScheme::socks5 ? read_socks(client) : read_http(client);
  if (!target || !target->permitted) return;
  std::uint16_t port = 0;
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(target->host);
    const auto at = names_.find(target->host);
    if (at != names_.end()) port = at->second;
  }
  const bool is_socks = scheme_ == browser::ProxyScheme::socks5;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (port == 0 || connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    say(client, is_socks ? std::string_view("\x05\x04\x00\x01\0\0\0\0\0\0", 10) : "HTTP/1.1 502 Bad Gateway\r\n\r\n");
  } else {
    say(client, is_socks ? std::string_view("\x05\x00\x00\x03\x04test\0\0", 11) : "HTTP/1.1 200 OK\r\nVia: test\r\n\r\n");
    relay(client, server, wake_);
  }
  close(server);
}

std::optional<ProxyServer::Target> ProxyServer::read_socks(int client) const {
  const std::string greeting = read_exactly(client, 2);
  if (greeting.empty()) return std::nullopt;
  const std::string methods = read_exactly(client, static_cast<unsigned char>(greeting[1]));
  if (wants_) {
    if (methods.find('\x02') == std::string::npos) return say(client, "\x05\xff"), std::nullopt;
    say(client, "\x05\x02");
    const std::string user_head = read_exactly(client, 2);
    if (user_head.empty()) return std::nullopt;
    const std::string user = read_exactly(client, static_cast<unsigned char>(user_head[1]));
    const std::string size = read_exactly(client, 1);
    if (size.empty()) return std::nullopt;
    const std::string password = read_exactly(client, static_cast<unsigned char>(size[0]));
    if (Credentials(user, password) != *wants_) return say(client, "\x01\x01"), std::nullopt;
    say(client, std::string_view("\x01\x00", 2));
  } else {
    say(client, std::string_view("\x05\x00", 2));
  }
  const std::string head = read_exactly(client, kSocksHead);
  if (head.empty()) return std::nullopt;
  Target target;
  target.permitted = true;
  if (head[3] == 3) {
    const std::string size = read_exactly(client, 1);
    target.host = size.empty() ? "" : read_exactly(client, static_cast<unsigned char>(size[0]));
  } else {
    read_exactly(client, head[3] == 1 ? 4 : 16);
    target.host = "an address";
  }
  read_exactly(client, 2);
  return target;
}

std::optional<ProxyServer::Target> ProxyServer::read_http(int client) const {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string next = read_exactly(client, 1);
    if (next.empty()) return std::nullopt;
    head += next;
  }
  if (!head.starts_with("CONNECT ")) return say(client, "HTTP/1.1 405 Method Not Allowed\r\n\r\n"), std::nullopt;
  if (wants_) {
    const std::string expected = "Proxy-Authorization: Basic " + base64_encode(wants_->first + ":" + wants_->second) + "\r\n";
    if (head.find(expected) == std::string::npos) return say(client, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), std::nullopt;
  }
  Target target;
  target.permitted = true;
  const std::size_t begin = head.find(' ') + 1;
  target.host = head.substr(begin, head.find(':') - begin);
  return target;
}

}  // namespace driftstack::browser_test

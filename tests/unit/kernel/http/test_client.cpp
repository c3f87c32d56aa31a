#include "test_client.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace driftstack::kernel {
namespace {

constexpr int kPatience = 20'000;  // milliseconds; a test that waits that long has failed

}  // namespace

TestClient::TestClient(std::uint16_t port, int receive_buffer) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

TestClient::~TestClient() { ::close(socket_); }

bool TestClient::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

void TestClient::end_sending() { ::shutdown(socket_, SHUT_WR); }

bool TestClient::receive() {
  pollfd wait{socket_, POLLIN, 0};
  if (::poll(&wait, 1, kPatience) != 1) FAIL("the server is silent");
  char room[65536];
  const ssize_t size = ::recv(socket_, room, sizeof room, 0);
  if (size <= 0) return false;
  received_.append(room, static_cast<std::size_t>(size));
  return true;
}

std::string TestClient::answer() {
  std::size_t end = std::string::npos;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos)
    if (!receive()) return {};
  std::size_t size = end + 4;
  const auto length = received_.find("content-length: ");
  if (length < end) {
    size += std::stoul(received_.substr(length + 16));
    while (received_.size() < size)
      if (!receive()) return {};
  } else if (received_.find("transfer-encoding: chunked") < end) {
    while ((end = received_.find("0\r\n\r\n", size)) == std::string::npos)
      if (!receive()) return {};
    size = end + 5;
  }
  std::string one = received_.substr(0, size);
  received_.erase(0, size);
  return one;
}

std::string TestClient::rest() {
  while (receive()) {
  }
  return std::exchange(received_, {});
}

std::string TestClient::until(std::string_view text) {
  std::size_t at = 0;
  while ((at = received_.find(text)) == std::string::npos)
    if (!receive()) return {};
  std::string all = received_.substr(0, at + text.size());
  received_.erase(0, at + text.size());
  return all;
}

bool TestClient::ended() { return received_.empty() && !receive(); }

int TestClient::status(std::string_view answer) { return answer.size() > 12 ? std::stoi(std::string(answer.substr(9, 3))) : 0; }

std::string TestClient::body(std::string_view answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string() : std::string(answer.substr(end + 4));
}

}  // namespace driftstack::kernel

#include "kernel/http/listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace driftstack::kernel {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kAcceptsPerTurn = 64;                        // then other work of the thread gets its turn
constexpr std::chrono::milliseconds kExhaustedPause{100};  // out of descriptors or memory: trying at once would spin

PeerAddress peer_of(const sockaddr_storage& address) {
  PeerAddress peer;
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 six;
    std::memcpy(&six, &address, sizeof six);
    std::memcpy(peer.bytes.data(), &six.sin6_addr, peer.bytes.size());
    peer.port = ntohs(six.sin6_port);
  } else if (address.ss_family == AF_INET) {
    sockaddr_in four;
    std::memcpy(&four, &address, sizeof four);
    peer.bytes[10] = peer.bytes[11] = 0xFF;
    std::memcpy(&peer.bytes[12], &four.sin_addr, 4);
    peer.port = ntohs(four.sin_port);
  }
  return peer;
}

class TcpListener final : public Listener {
 public:
  TcpListener(boost::asio::io_context& context, Log& log) : acceptor_(context), pause_(context), log_(log) {}

  error_code bind(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.set_option(tcp::no_delay(true), error);  // accepted sockets inherit it on Linux
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
    if (!error) acceptor_.native_non_blocking(true, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    return error;
  }

  std::uint16_t port() const noexcept override { return port_; }
  void begin(Accepted accepted) override {
    accepted_ = std::move(accepted);
    wait();
  }
  void end() noexcept override {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  void wait() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](const error_code& error) {
      if (!error && acceptor_.is_open()) accept_some();
    });
  }

  void accept_some() {
    for (int count = 0; count < kAcceptsPerTurn; ++count) {
      sockaddr_storage address{};
      socklen_t size = sizeof address;
      const int descriptor =
          ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor >= 0) {
        accepted_(descriptor, peer_of(address));
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return pause();
      // Anything else concerns one connection that is gone already.
    }
    wait();
  }

  void pause() {
    const std::string reason = std::generic_category().message(errno);
    log_.error("connections cannot be accepted", {LogField("detail", reason)});
    pause_.expires_after(kExhaustedPause);
    pause_.async_wait([this](const error_code& error) {
      if (!error && acceptor_.is_open()) accept_some();
    });
  }

  tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  Log& log_;
  Accepted accepted_;
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(boost::asio::io_context& context, const ListenAddress& address, Log& log) {
  std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const std::string name = address.host + ":" + std::to_string(address.port);
  error_code error;
  const auto ip = boost::asio::ip::make_address(host, error);
  if (error) return Error(Errc::unavailable, "cannot listen on " + name + ": it is no numeric address");
  auto listener = std::make_unique<TcpListener>(context, log);
  error = listener->bind(tcp::endpoint(ip, address.port));
  if (error) return Error(Errc::unavailable, "cannot listen on " + name + ": " + error.message());
  return std::unique_ptr<Listener>(std::move(listener));
}

}  // namespace driftstack::kernel

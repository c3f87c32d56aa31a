#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "kernel/http/socket_facts.hpp"
#include "kernel/http/transport.hpp"

namespace driftstack::kernel {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

class PlainTransport final : public Transport {
 public:
  PlainTransport(boost::asio::io_context& context, int descriptor) : socket_(context, tcp::v6(), descriptor) {}

  void start_handshake(IoWait& wait) noexcept override {
    boost::asio::post(socket_.get_executor(), [&wait] { wait.handle.resume(); });
  }

  // The reactor's own read, not a wait and a recv: it tries at once and costs no epoll_ctl (one system call per request less).
  void start_read(std::span<char> room, IoWait& wait) noexcept override {
    socket_.async_read_some(boost::asio::buffer(room.data(), room.size()), [&wait](const error_code& error, std::size_t bytes) {
      wait.failed = static_cast<bool>(error);
      wait.bytes = bytes;
      wait.handle.resume();
    });
  }

  void start_wait_writable(IoWait& wait) noexcept override {
    socket_.async_wait(tcp::socket::wait_write, [&wait](const error_code& error) {
      wait.failed = static_cast<bool>(error);
      wait.handle.resume();
    });
  }

  std::optional<std::size_t> send_now(std::string_view first, std::string_view second) noexcept override {
    const int descriptor = socket_.native_handle();
    ssize_t size = 0;
    if (second.empty()) {
      size = ::send(descriptor, first.data(), first.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    } else {
      iovec parts[] = {{const_cast<char*>(first.data()), first.size()}, {const_cast<char*>(second.data()), second.size()}};
      msghdr message{};
      message.msg_iov = parts;
      message.msg_iovlen = 2;
      size = ::sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (size >= 0) return static_cast<std::size_t>(size);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
    return std::nullopt;
  }

  void end_sending() noexcept override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
  void cancel() noexcept override {
    error_code ignored;
    socket_.cancel(ignored);
  }
  bool peer_gone() const noexcept override { return socket_peer_gone(const_cast<tcp::socket&>(socket_).native_handle()); }

 private:
  tcp::socket socket_;
};

}  // namespace

bool socket_peer_gone(int descriptor) noexcept {
  pollfd facts{descriptor, POLLRDHUP, 0};
  return ::poll(&facts, 1, 0) == 1 && (facts.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

std::unique_ptr<Transport> make_plain_transport(boost::asio::io_context& context, int descriptor) {
  return std::make_unique<PlainTransport>(context, descriptor);
}

}  // namespace driftstack::kernel

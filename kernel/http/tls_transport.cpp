// TLS directly on the socket. Asio's ssl::stream keeps two record buffers and a pair of memory BIOs per connection (67 KiB idle); OpenSSL
// on the descriptor gives its buffers back while the connection is idle, and needs one copy less.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <climits>

#include "kernel/http/socket_facts.hpp"
#include "kernel/http/tls_context.hpp"
#include "kernel/http/transport.hpp"

namespace driftstack::kernel {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

class TlsTransport final : public Transport {
 public:
  TlsTransport(boost::asio::io_context& context, int descriptor, std::shared_ptr<const TlsContext> tls)
      : socket_(context, tcp::v6(), descriptor), tls_(std::move(tls)), session_(tls_->make_session(descriptor)) {}

  void start_handshake(IoWait& wait) noexcept override { repeat(Step::handshake, {}, wait); }
  void start_read(std::span<char> room, IoWait& wait) noexcept override { repeat(Step::read, room, wait); }
  void start_wait_writable(IoWait& wait) noexcept override {
    // A write may need to read first (key updates).
    wait_for(write_wants_ == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write, [&wait](const error_code& error) {
      wait.failed = static_cast<bool>(error);
      wait.handle.resume();
    });
  }

  std::optional<std::size_t> send_now(std::string_view first, std::string_view second) noexcept override {
    std::size_t sent = 0;
    for (const std::string_view part : {first, second}) {
      if (part.empty()) continue;
      const auto taken = send_part(part);
      if (!taken) return std::nullopt;
      sent += *taken;
      if (*taken < part.size()) break;
    }
    return sent;
  }

  void end_sending() noexcept override {
    if (broken_) return;
    ERR_clear_error();
    SSL_shutdown(session_.get());
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
  void cancel() noexcept override {
    error_code ignored;
    socket_.cancel(ignored);
  }
  bool peer_gone() const noexcept override { return socket_peer_gone(const_cast<tcp::socket&>(socket_).native_handle()); }

 private:
  enum class Step { handshake, read };

  template <class Handler>
  void wait_for(tcp::socket::wait_type what, Handler handler) {
    socket_.async_wait(what, std::move(handler));
  }

  // One step of OpenSSL, again and again as the socket gets ready.
  void repeat(Step step, std::span<char> room, IoWait& wait) noexcept {
    int wanted = SSL_ERROR_SSL;
    if (session_ && !broken_) {
      ERR_clear_error();
      const int room_size = static_cast<int>(std::min<std::size_t>(room.size(), INT_MAX));
      const int done = step == Step::handshake ? SSL_do_handshake(session_.get()) : SSL_read(session_.get(), room.data(), room_size);
      if (done > 0) {
        wait.bytes = static_cast<std::size_t>(done);
        finish(wait);
        return;
      }
      wanted = SSL_get_error(session_.get(), done);
    }
    if (wanted != SSL_ERROR_WANT_READ && wanted != SSL_ERROR_WANT_WRITE) {
      broken_ = broken_ || wanted != SSL_ERROR_ZERO_RETURN;
      wait.failed = true;
      finish(wait);
      return;
    }
    wait_for(wanted == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write,
             [this, step, room, &wait](const error_code& error) {
               if (!error) return repeat(step, room, wait);
               wait.failed = true;
               wait.handle.resume();
             });
  }

  // Later, not here: a client that always has bytes waiting must not keep the thread for itself.
  void finish(IoWait& wait) noexcept {
    boost::asio::post(socket_.get_executor(), [&wait] { wait.handle.resume(); });
  }

  std::optional<std::size_t> send_part(std::string_view part) noexcept {
    if (!session_ || broken_) return std::nullopt;
    std::size_t sent = 0;
    while (sent < part.size()) {
      ERR_clear_error();
      const auto left = static_cast<int>(std::min<std::size_t>(part.size() - sent, INT_MAX));
      const int done = SSL_write(session_.get(), part.data() + sent, left);
      if (done > 0) {
        sent += static_cast<std::size_t>(done);
        continue;
      }
      write_wants_ = SSL_get_error(session_.get(), done);
      if (write_wants_ == SSL_ERROR_WANT_READ || write_wants_ == SSL_ERROR_WANT_WRITE) return sent;
      broken_ = true;
      return std::nullopt;
    }
    return sent;
  }

  tcp::socket socket_;
  std::shared_ptr<const TlsContext> tls_;
  TlsContext::Session session_;
  int write_wants_ = SSL_ERROR_NONE;
  bool broken_ = false;  ///< OpenSSL forbids further calls after a fatal error
};

}  // namespace

std::unique_ptr<Transport> make_tls_transport(boost::asio::io_context& context, int descriptor, std::shared_ptr<const TlsContext> tls) {
  return std::make_unique<TlsTransport>(context, descriptor, std::move(tls));
}

}  // namespace driftstack::kernel

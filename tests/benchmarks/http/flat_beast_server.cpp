#include "flat_beast_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <memory>
#include <optional>
#include <string>

namespace driftstack::benchmarks {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
namespace beast = boost::beast;

class FlatConnection : public std::enable_shared_from_this<FlatConnection> {
 public:
  FlatConnection(tcp::socket socket, const std::string& answer) : socket_(std::move(socket)), answer_(answer) {}

  void read() {
    parser_.emplace();
    beast::http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](const error_code& error, std::size_t) {
      if (!error) self->write();
    });
  }

 private:
  void write() {
    boost::asio::async_write(socket_, boost::asio::buffer(answer_), [self = shared_from_this()](const error_code& error, std::size_t) {
      if (!error) self->read();
    });
  }

  tcp::socket socket_;
  const std::string& answer_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::empty_body>> parser_;
};

}  // namespace

void serve_flat(std::string_view body, const std::function<void(std::uint16_t)>& listening) {
  const std::string answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
                             "\r\n\r\n" + std::string(body);
  boost::asio::io_context context(1);
  tcp::acceptor acceptor(context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  listening(acceptor.local_endpoint().port());
  std::function<void()> accept = [&] {
    acceptor.async_accept([&](const error_code& error, tcp::socket socket) {
      if (error) return;
      socket.set_option(tcp::no_delay(true));
      std::make_shared<FlatConnection>(std::move(socket), answer)->read();
      accept();
    });
  };
  accept();
  context.run();
}

}  // namespace driftstack::benchmarks

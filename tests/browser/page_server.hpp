#pragma once
// A tiny HTTP server for the pages of a test, on 127.0.0.1 and a free port. One thread; every answer closes its connection.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace driftstack::browser_test {

struct PageRequest {
  std::string method, path, query, body;
  std::map<std::string, std::string> headers;  // names in lower case
};

struct PageAnswer {
  PageAnswer() = default;
  explicit PageAnswer(std::string html) : body(std::move(html)) {}
  int status = 200;
  std::string content_type = "text/html; charset=utf-8";
  std::vector<std::string> headers;  // complete lines
  std::string body;
  std::chrono::milliseconds delay{0};
};

class PageServer {
 public:
  using Handler = std::function<PageAnswer(const PageRequest&)>;

  PageServer();
  ~PageServer();
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  /// What a path answers; other paths get 404.
  void page(std::string path, std::string html);
  void page(std::string path, Handler handler);
  void redirect(std::string path, std::string location);

  std::uint16_t port() const { return port_; }
  std::string host_and_port() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url(std::string_view path) const { return "http://" + host_and_port() + std::string(path); }

  /// Connections that reached the server, whatever they asked for.
  unsigned connections() const { return connections_.load(); }
  std::vector<PageRequest> requests(std::string_view path) const;

 private:
  void run();
  void serve(int connection);
  PageAnswer answer_for(const PageRequest& request);

  int listener_;
  int wake_;
  std::uint16_t port_ = 0;
  std::atomic<unsigned> connections_{0};
  mutable std::mutex mutex_;
  std::map<std::string, Handler> pages_;
  std::vector<PageRequest> requests_;
  std::thread acceptor_;
  std::vector<std::thread> workers_;
};

}  // namespace driftstack::browser_test

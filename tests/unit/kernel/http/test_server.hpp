#pragma once
// A whole HTTP server with a small handler behind it.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kernel/http/http_server.hpp"
#include "kernel/runtime/clock.hpp"
#include "kernel/runtime/io_threads.hpp"
#include "kernel/runtime/log.hpp"
#include "kernel/runtime/metrics.hpp"
#include "kernel/runtime/worker_pool.hpp"

namespace driftstack::kernel {

/// Pieces that a test pushes; what `/stream` answers with.
class TestStream {
 public:
  void push(std::string piece);
  void end();
  /// Waits until the server asked the source to stop.
  void wait_until_stopped();
  bool cancelled() const { return cancelled_; }

  std::unique_ptr<EventSource> source(IoThreads& io);

 private:
  class Source;
  struct Suspend;
  void resume_waiter();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> pieces_;
  bool ended_ = false, stopped_ = false;
  std::atomic<bool> cancelled_{false};
  std::coroutine_handle<> waiter_;
  IoThreads* io_ = nullptr;
};

/// What `/socket` answers with: sends what a test pushes, shows what the client said. A message `hold` is not taken until release(), the
/// message `mistake` is an error of the client, `fault` one of ours, `echo...` comes back.
class TestSocket {
 public:
  void push(std::string message);
  void end();
  void release();
  void wait_until_stopped();
  /// Waits until the client has said that many messages; all of them.
  std::vector<std::string> wait_for_said(std::size_t count);
  /// Messages that the server has asked for so far.
  std::size_t pulled();
  bool cancelled() const { return cancelled_; }

  std::unique_ptr<MessageStream> stream(IoThreads& io);

 private:
  class Stream;
  struct Suspend;
  void resume(std::coroutine_handle<>& waiter);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> messages_;
  std::vector<std::string> said_;
  std::size_t pulled_ = 0;
  bool ended_ = false, stopped_ = false, released_ = false;
  std::atomic<bool> cancelled_{false};
  std::coroutine_handle<> sender_, receiver_;
  IoThreads* io_ = nullptr;
};

/// Paths: /echo (method, target and body), /early (401, body unread), /hold (answers after release(), or 499 once cancelled), /big (8 MiB),
/// /hop (ends on a worker), /stream, /socket, /close (asks for the end of the connection), /empty (204), anything else 404.
class TestHandler final : public RequestHandler {
 public:
  explicit TestHandler(IoThreads& io) : io_(io) {}

  Task<> run(Exchange& exchange) override;
  void refuse(Exchange& exchange, const Error& error) override;
  void finished(const Exchange& exchange, std::uint64_t bytes_sent) noexcept override;

  /// Waits until that many requests stand in /hold.
  void wait_for_held(std::size_t count);
  /// Lets all of them go on.
  void release();
  /// Waits until `finished` was told that many times.
  void wait_for_finished(std::size_t count);
  std::uint64_t bytes_sent() const { return bytes_; }
  bool saw_cancel() const { return saw_cancel_; }

  TestStream stream;
  TestSocket socket;

  static constexpr std::size_t kBodyLimit = 1000;
  static constexpr std::size_t kBigSize = std::size_t{8} << 20;

 private:
  struct Hold;
  Task<> echo(Exchange& exchange);

  IoThreads& io_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<IoThread, std::coroutine_handle<>>> held_;
  std::size_t finished_ = 0;
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<bool> saw_cancel_{false};
};

/// Options with limits that a test can wait for.
ServerOptions quick_options();

class TestServer {
 public:
  explicit TestServer(ServerOptions options = quick_options(), std::uint32_t threads = 2);
  ~TestServer();

  std::uint16_t port() const { return server->bound_port(); }
  double metric(std::string_view name, std::string_view label = {}) const;

  SystemClock clock;
  JsonLog log;
  MetricRegistry metrics;
  WorkerPool workers;
  IoThreads io;
  TestHandler handler;
  std::unique_ptr<HttpServer> server;
};

}  // namespace driftstack::kernel

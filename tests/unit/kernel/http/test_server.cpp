#include "test_server.hpp"

#include <catch2/catch.hpp>

#include "driftstack/problem.hpp"

namespace driftstack::kernel {

using namespace std::chrono_literals;

// ---------------------------------------------------------------- the stream

struct TestStream::Suspend {
  TestStream& stream;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle) const {
    const std::lock_guard lock(stream.mutex_);
    if (!stream.pieces_.empty() || stream.ended_ || stream.stopped_) return false;
    stream.waiter_ = handle;
    return true;
  }
  void await_resume() const noexcept {}
};

class TestStream::Source final : public EventSource {
 public:
  explicit Source(TestStream& stream) : stream_(stream) {}
  AsyncResult<std::optional<std::string>> next(const Call& call) override {
    Suspend suspend{stream_};
    co_await suspend;
    if (call.cancelled()) stream_.cancelled_ = true;
    const std::lock_guard lock(stream_.mutex_);
    if (stream_.pieces_.empty()) co_return std::optional<std::string>();
    std::optional<std::string> piece(std::move(stream_.pieces_.front()));
    stream_.pieces_.pop_front();
    co_return piece;
  }
  void stop() noexcept override {
    {
      const std::lock_guard lock(stream_.mutex_);
      stream_.stopped_ = true;
    }
    stream_.changed_.notify_all();
    stream_.resume_waiter();
  }

 private:
  TestStream& stream_;
};

std::unique_ptr<EventSource> TestStream::source(IoThreads& io) {
  io_ = &io;
  return std::make_unique<Source>(*this);
}

// On a worker, so that the server has to bring the stream back to its thread.
void TestStream::resume_waiter() {
  std::coroutine_handle<> waiter;
  {
    const std::lock_guard lock(mutex_);
    waiter = std::exchange(waiter_, nullptr);
  }
  if (waiter) io_->resume_on_workers(waiter);
}

void TestStream::push(std::string piece) {
  {
    const std::lock_guard lock(mutex_);
    pieces_.push_back(std::move(piece));
  }
  resume_waiter();
}

void TestStream::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  resume_waiter();
}

void TestStream::wait_until_stopped() {
  std::unique_lock lock(mutex_);
  REQUIRE(changed_.wait_for(lock, 20s, [&] { return stopped_; }));
}

// ---------------------------------------------------------------- the socket

struct TestSocket::Suspend {
  TestSocket& socket;
  std::coroutine_handle<>& waiter;
  bool sends;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle) const {
    const std::lock_guard lock(socket.mutex_);
    if (socket.stopped_ || (sends ? !socket.messages_.empty() || socket.ended_ : socket.released_)) return false;
    waiter = handle;
    return true;
  }
  void await_resume() const noexcept {}
};

class TestSocket::Stream final : public MessageStream {
 public:
  explicit Stream(TestSocket& socket) : socket_(socket) {}
  AsyncResult<std::optional<SocketMessage>> next(const Call& call) override {
    Suspend suspend{socket_, socket_.sender_, true};
    co_await suspend;
    if (call.cancelled()) socket_.cancelled_ = true;
    const std::lock_guard lock(socket_.mutex_);
    if (socket_.messages_.empty()) co_return std::optional<SocketMessage>();
    SocketMessage message(SocketMessage::Kind::binary, std::move(socket_.messages_.front()));
    socket_.messages_.pop_front();
    ++socket_.pulled_;
    co_return std::optional<SocketMessage>(std::move(message));
  }
  AsyncResult<> receive(const Call&, SocketMessage message) override {
    {
      const std::lock_guard lock(socket_.mutex_);
      socket_.said_.push_back(message.data);
    }
    socket_.changed_.notify_all();
    if (message.data == "mistake") co_return Error(Errc::validation_failed, "That was wrong.");
    if (message.data == "fault") co_return Error(Errc::internal, "a secret of ours");
    if (message.data == "hold") {
      Suspend suspend{socket_, socket_.receiver_, false};
      co_await suspend;
    }
    if (message.data.starts_with("echo")) socket_.push(message.data);
    co_return Done();
  }
  void stop() noexcept override {
    {
      const std::lock_guard lock(socket_.mutex_);
      socket_.stopped_ = true;
    }
    socket_.changed_.notify_all();
    socket_.resume(socket_.sender_);
    socket_.resume(socket_.receiver_);
  }

 private:
  TestSocket& socket_;
};

std::unique_ptr<MessageStream> TestSocket::stream(IoThreads& io) {
  io_ = &io;
  return std::make_unique<Stream>(*this);
}

// On a worker, so that the server has to bring the stream back to its thread.
void TestSocket::resume(std::coroutine_handle<>& waiter) {
  std::coroutine_handle<> handle;
  {
    const std::lock_guard lock(mutex_);
    handle = std::exchange(waiter, nullptr);
  }
  if (handle) io_->resume_on_workers(handle);
}

void TestSocket::push(std::string message) {
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  resume(sender_);
}

void TestSocket::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  resume(sender_);
}

void TestSocket::release() {
  {
    const std::lock_guard lock(mutex_);
    released_ = true;
  }
  resume(receiver_);
}

void TestSocket::wait_until_stopped() {
  std::unique_lock lock(mutex_);
  REQUIRE(changed_.wait_for(lock, 20s, [&] { return stopped_; }));
}

std::vector<std::string> TestSocket::wait_for_said(std::size_t count) {
  std::unique_lock lock(mutex_);
  REQUIRE(changed_.wait_for(lock, 20s, [&] { return said_.size() >= count; }));
  return said_;
}

std::size_t TestSocket::pulled() {
  const std::lock_guard lock(mutex_);
  return pulled_;
}

// ---------------------------------------------------------------- the handler

struct TestHandler::Hold {
  TestHandler& handler;
  IoThread thread;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const {
    const std::lock_guard lock(handler.mutex_);
    handler.held_.emplace_back(thread, handle);
    handler.changed_.notify_all();
  }
  void await_resume() const noexcept {}
};

Task<> TestHandler::echo(Exchange& exchange) {
  auto body = co_await exchange.body->read(kBodyLimit);
  if (!body) {
    refuse(exchange, body.error());
    co_return;
  }
  exchange.response.status = 200;
  exchange.response.body = std::string(exchange.method_text) + " " + std::string(exchange.target) + " " + std::string(*body);
}

Task<> TestHandler::run(Exchange& exchange) {
  exchange.call.emplace("id", exchange.io_thread, Call::Clock::now() + 60s);
  exchange.head = "x-request-id: id\r\n";
  exchange.response.status = 200;
  const std::string_view target = exchange.target;
  if (target.starts_with("/echo")) {
    co_await echo(exchange);
  } else if (target == "/early") {
    exchange.response = Response(401, "early");
  } else if (target == "/hold") {
    if (exchange.body->present()) (void)co_await exchange.body->read(kBodyLimit);
    Hold hold{*this, exchange.io_thread};
    co_await hold;
    if (exchange.call->cancelled()) saw_cancel_ = true;
    exchange.response.body = "held";
  } else if (target == "/big") {
    exchange.response.body.assign(kBigSize, 'b');
  } else if (target == "/hop") {
    co_await on_workers(io_);
    exchange.response.body = "hopped";
  } else if (target == "/stream") {
    exchange.head += "content-type: text/event-stream\r\n";
    exchange.response.events = stream.source(io_);
  } else if (target == "/socket") {
    exchange.response.status = 101;
    exchange.response.messages = socket.stream(io_);
  } else if (target == "/close") {
    exchange.close = true;
    exchange.response.body = "closing";
  } else if (target == "/empty") {
    exchange.response = Response(204, "");
  } else {
    exchange.response = Response(404, "nothing here");
  }
}

void TestHandler::refuse(Exchange& exchange, const Error& error) {
  exchange.head = "x-request-id: refused\r\n";
  exchange.response =
      Response(problem_kind(error.code).status, std::string(problem_kind(error.code).slug) + ": " + error.detail + " " + error.members);
}

void TestHandler::finished(const Exchange&, std::uint64_t bytes_sent) noexcept {
  const std::lock_guard lock(mutex_);
  ++finished_;
  bytes_ = bytes_sent;
  changed_.notify_all();
}

void TestHandler::wait_for_held(std::size_t count) {
  std::unique_lock lock(mutex_);
  REQUIRE(changed_.wait_for(lock, 20s, [&] { return held_.size() >= count; }));
}

void TestHandler::release() {
  std::vector<std::pair<IoThread, std::coroutine_handle<>>> held;
  {
    const std::lock_guard lock(mutex_);
    held.swap(held_);
  }
  for (const auto& [thread, handle] : held) io_.resume_on_io(thread, handle);
}

void TestHandler::wait_for_finished(std::size_t count) {
  std::unique_lock lock(mutex_);
  REQUIRE(changed_.wait_for(lock, 20s, [&] { return finished_ >= count; }));
}

// ---------------------------------------------------------------- the server

ServerOptions quick_options() {
  ServerOptions options;
  options.peer_check = 20ms;
  options.linger_timeout = 200ms;
  return options;
}

TestServer::TestServer(ServerOptions options, std::uint32_t threads)
    : log(clock, LogLevel::error), workers(2), io(threads, workers), handler(io) {
  server = std::make_unique<HttpServer>(std::move(options), io, handler, log, metrics);
  const auto started = server->start();
  if (!started) FAIL(started.error().detail);
}

TestServer::~TestServer() {
  handler.release();
  handler.stream.end();
  handler.socket.end();
  handler.socket.release();
  server.reset();
}

double TestServer::metric(std::string_view name, std::string_view label) const {
  struct Find final : MetricVisitor {
    void sample(const MetricSample& sample) override {
      if (sample.name == wanted && (label.empty() || (!sample.labels.empty() && sample.labels[0].value == label))) value = sample.value;
    }
    std::string_view wanted, label;
    double value = -1;
  };
  Find find;
  find.wanted = name;
  find.label = label;
  metrics.collect(find);
  return find.value;
}

}  // namespace driftstack::kernel

#include "kernel/runtime/io_threads.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <thread>
#include <vector>

using namespace driftstack;
using namespace std::chrono_literals;
using driftstack::kernel::IoThreads;
using driftstack::kernel::WorkerPool;

namespace {

template <class T>
T wait_for(Task<T> task) {
  std::promise<T> promise;
  start(std::move(task), [&](T value) { promise.set_value(std::move(value)); });
  return promise.get_future().get();
}

Task<std::vector<IoThread>> travel(IoThreads& io) {
  std::vector<IoThread> seen;
  co_await on_io(io, 1);
  seen.push_back(io.current_io_thread());
  co_await on_workers(io);
  seen.push_back(io.current_io_thread());
  co_await on_io(io, 0);
  seen.push_back(io.current_io_thread());
  co_return seen;
}

struct CountedErrors final : Log {
  bool enabled(LogLevel) const noexcept override { return true; }
  void write(LogLevel level, std::string_view, std::span<const LogField>) noexcept override { count += level == LogLevel::error ? 1 : 0; }
  std::atomic<int> count{0};
};

Task<IoThread> go_from_the_second_to(IoThreads& io, IoThread thread) {
  co_await on_io(io, 1);
  co_await on_io(io, thread);
  co_return io.current_io_thread();
}

Task<std::pair<IoThread, bool>> sleep_on(IoThreads& io, IoThread thread, Call::Clock::time_point when) {
  co_await until(io, when, thread);
  co_return std::pair<IoThread, bool>(io.current_io_thread(), Call::Clock::now() >= when);
}

// Suspends and hands its handle out.
struct Park {
  std::vector<std::coroutine_handle<>>& handles;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const { handles.push_back(handle); }
  void await_resume() const noexcept {}
};

Task<int> parked(std::vector<std::coroutine_handle<>>& handles, IoThreads& io) {
  Park park{handles};
  co_await park;
  co_return static_cast<int>(io.current_io_thread());
}

struct Ears : ReadinessHandler {
  void on_ready(Readiness what) noexcept override {
    heard.push_back(what);
    if (on_heard) on_heard(what);
  }
  std::vector<Readiness> heard;
  std::function<void(Readiness)> on_heard;
};

}  // namespace

TEST_CASE("a coroutine goes to the thread that it asks for") {
  WorkerPool workers(1);
  IoThreads io(2, workers);
  CHECK(io.io_threads() == 2);
  CHECK(io.current_io_thread() == kNoIoThread);
  CHECK(wait_for(travel(io)) == std::vector<IoThread>{1, kNoIoThread, 0});
}

TEST_CASE("an io thread of one pool is none of another") {
  WorkerPool workers(1);
  IoThreads first(1, workers), second(1, workers);
  std::promise<IoThread> seen;
  first.post(0, [&] { seen.set_value(second.current_io_thread()); });
  CHECK(seen.get_future().get() == kNoIoThread);
}

TEST_CASE("who asks for an io thread that does not exist goes to the first one, and the log says it once") {
  CountedErrors log;
  WorkerPool workers(1);
  IoThreads io(2, workers, &log);
  for (const IoThread wrong : {kNoIoThread, IoThread{2}}) {
    CHECK(wait_for(go_from_the_second_to(io, wrong)) == 0);
    CHECK(wait_for(sleep_on(io, wrong, Call::Clock::now())).first == 0);
  }
  CHECK(log.count == 1);
}

TEST_CASE("waiting for a time ends on the wanted thread and never early, from any thread") {
  WorkerPool workers(1);
  IoThreads io(2, workers);
  for (const auto after : {-1s, 0s, 0s}) {
    const auto [thread, late] = wait_for(sleep_on(io, 1, Call::Clock::now() + after + 30ms));
    CHECK(thread == 1);
    CHECK(late);
  }
}

TEST_CASE("several coroutines are resumed with one post, in order") {
  WorkerPool workers(1);
  IoThreads io(1, workers);
  std::vector<std::coroutine_handle<>> handles;
  std::atomic<int> done{0};
  std::promise<void> all;
  for (int i = 0; i < 5; ++i)
    start(parked(handles, io), [&](int thread) {
      CHECK(thread == 0);
      if (++done == 5) all.set_value();
    });
  REQUIRE(handles.size() == 5);
  io.resume_all_on_io(0, handles);
  all.get_future().get();
}

TEST_CASE("a watched descriptor reports wanted readiness until it is consumed, and stays open after the watch") {
  WorkerPool workers(1);
  IoThreads io(1, workers);
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()) == 0);
  Ears ears;
  std::unique_ptr<Watch> watch;
  std::promise<void> twice;
  int calls = 0;
  REQUIRE(::write(pair[1], "ab", 2) == 2);
  ears.on_heard = [&](Readiness what) {
    CHECK(what == Readiness::readable);
    char byte = 0;
    CHECK(::read(pair[0], &byte, 1) == 1);  // one of two bytes: level-triggered, so it must be called again
    if (++calls == 2) {
      watch.reset();  // ending the watch inside the call is allowed
      twice.set_value();
    }
  };
  io.post(0, [&] {
    watch = io.watch(pair[0], ears);
    watch->set_interest(Readiness::readable);
  });
  twice.get_future().get();
  CHECK(::fcntl(pair[0], F_GETFD) >= 0);

  std::promise<Readiness> hang_up;
  Ears writable;
  std::vector<Readiness> order;
  std::unique_ptr<Watch> second;
  writable.on_heard = [&](Readiness what) {
    order.push_back(what);
    if (what == Readiness::writable) {
      second->set_interest(Readiness::readable);
      ::close(pair[1]);
    } else {
      second.reset();
      hang_up.set_value(what);
    }
  };
  io.post(0, [&] {
    second = io.watch(pair[0], writable);
    second->set_interest(Readiness::both);
  });
  CHECK(hang_up.get_future().get() == Readiness::readable);
  CHECK(order.front() == Readiness::writable);
  ::close(pair[0]);
}

TEST_CASE("a deadline of an io thread fires there, and a cleared one does not") {
  WorkerPool workers(1);
  IoThreads io(1, workers);
  struct Probe : kernel::Deadline {
    explicit Probe(std::function<void()> work)
        : Deadline([](Deadline& self) noexcept { static_cast<Probe&>(self).work(); }), work(std::move(work)) {}
    std::function<void()> work;
  };
  std::promise<IoThread> fired;
  bool wrong = false;
  Probe cleared([&] { wrong = true; });
  Probe kept([&] { fired.set_value(io.current_io_thread()); });
  io.post(0, [&] {
    const auto now = kernel::Deadline::Clock::now();
    io.set_deadline(kept, now + 60s);
    io.set_deadline(cleared, now + 10ms);
    io.set_deadline(kept, now + 40ms);  // earlier than before: the timer must move
    io.clear_deadline(cleared);
  });
  CHECK(fired.get_future().get() == 0);
  CHECK_FALSE(wrong);
}

TEST_CASE("a worker pool finishes what is queued before it ends") {
  std::atomic<int> done{0};
  WorkerPool workers(1);
  IoThreads io(1, workers);
  std::vector<std::coroutine_handle<>> handles;
  for (int i = 0; i < 20; ++i) start(parked(handles, io), [&](int) { ++done; });
  for (const auto handle : handles) workers.resume(handle);
  workers.stop();
  CHECK(done == 20);
}

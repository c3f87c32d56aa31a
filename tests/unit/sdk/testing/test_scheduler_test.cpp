#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <thread>
#include <vector>

#include "driftstack/testing/fake_host.hpp"

namespace driftstack::testing {
namespace {

using namespace std::chrono_literals;

Task<std::array<IoThread, 3>> visit_threads(Scheduler& scheduler) {
  std::array<IoThread, 3> seen{};
  seen[0] = scheduler.current_io_thread();
  co_await on_io(scheduler, 1);
  seen[1] = scheduler.current_io_thread();
  co_await on_workers(scheduler);
  seen[2] = scheduler.current_io_thread();
  co_await on_io(scheduler, 0);
  co_return seen;
}

Task<> wait_until(Scheduler& scheduler, Call::Clock::time_point when, std::vector<int>& order, int mark) {
  co_await until(scheduler, when, 0);
  order.push_back(mark);
}

class Pipe {
 public:
  Pipe() { REQUIRE(pipe2(ends_.data(), O_NONBLOCK | O_CLOEXEC) == 0); }
  ~Pipe() {
    close(ends_[0]);
    close_writer();
  }
  int reader() const { return ends_[0]; }
  void send(char c) { REQUIRE(write(ends_[1], &c, 1) == 1); }
  void close_writer() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{};
};

/// Reads one byte and tells it; ends its own watch when told to.
class Reader final : public ReadinessHandler {
 public:
  Reader(int descriptor, bool once) : descriptor_(descriptor), once_(once) {}
  void on_ready(Readiness what) noexcept override {
    last_ = what;
    char c = '-';
    if (read(descriptor_, &c, 1) != 1) c = '-';
    if (once_) watch.reset();
    got_.set_value(c);
  }
  char wait() {
    auto future = got_.get_future();
    REQUIRE(future.wait_for(kRunLimit) == std::future_status::ready);
    return future.get();
  }
  Readiness last() const { return last_; }

  std::unique_ptr<Watch> watch;

 private:
  int descriptor_;
  bool once_;
  std::atomic<Readiness> last_{Readiness::none};
  std::promise<char> got_;
};

void watch_for_reading(FakeHost& host, Pipe& pipe, Reader& reader) {
  call_on_io(host, [&] {
    reader.watch = host.scheduler().watch(pipe.reader(), reader);
    reader.watch->set_interest(Readiness::readable);
  });
}

TEST_CASE("a task moves between io threads and workers") {
  FakeHost host;
  const auto seen = run(host, visit_threads(host.scheduler()));
  CHECK(seen[0] == 0);
  CHECK(seen[1] == 1);
  CHECK(seen[2] == kNoIoThread);
  CHECK(host.scheduler().current_io_thread() == kNoIoThread);
}

TEST_CASE("timers fire in order of time when the frozen clock is moved, and not before") {
  FakeHost host;
  host.clock().freeze();
  const auto start_time = host.clock().steady();
  std::vector<int> order;
  detach(wait_until(host.scheduler(), start_time + 2h, order, 2));
  detach(wait_until(host.scheduler(), start_time + 1h, order, 1));
  call_on_io(host, [] {});
  CHECK(host.scheduler().waiting_timers() == 2);
  host.clock().advance(1h);
  while (host.scheduler().waiting_timers() > 1) std::this_thread::yield();
  CHECK(call_on_io(host, [&] { return order; }) == std::vector<int>{1});
  host.clock().advance(1h);
  while (host.scheduler().waiting_timers() > 0) std::this_thread::yield();
  CHECK(call_on_io(host, [&] { return order; }) == std::vector<int>{1, 2});
}

TEST_CASE("a timer follows real time while the clock runs") {
  FakeHost host;
  std::vector<int> order;
  const auto before = Call::Clock::now();
  run(host, wait_until(host.scheduler(), host.clock().steady() + 30ms, order, 1));
  CHECK(Call::Clock::now() - before >= 30ms);
  CHECK(order.size() == 1);
}

TEST_CASE("a watched descriptor tells its handler once there is something to read") {
  FakeHost host;
  Pipe pipe;
  Reader reader(pipe.reader(), true);
  watch_for_reading(host, pipe, reader);
  pipe.send('x');
  CHECK(reader.wait() == 'x');
  CHECK(reader.last() == Readiness::readable);
}

TEST_CASE("a hang-up counts as readable") {
  FakeHost host;
  Pipe pipe;
  Reader reader(pipe.reader(), true);
  watch_for_reading(host, pipe, reader);
  pipe.close_writer();
  CHECK(reader.wait() == '-');
  CHECK(reader.last() == Readiness::readable);
}

TEST_CASE("a watch without interest stays quiet, and speaks again when interest comes back") {
  FakeHost host;
  Pipe pipe;
  Reader reader(pipe.reader(), true);
  call_on_io(host, [&] { reader.watch = host.scheduler().watch(pipe.reader(), reader); });
  pipe.send('y');
  call_on_io(host, [] {});
  CHECK(reader.last() == Readiness::none);
  call_on_io(host, [&] { reader.watch->set_interest(Readiness::readable); });
  CHECK(reader.wait() == 'y');
}

TEST_CASE("watching from a thread that is no io thread is refused") {
  FakeHost host;
  Pipe pipe;
  Reader reader(pipe.reader(), true);
  CHECK_THROWS_AS(host.scheduler().watch(pipe.reader(), reader), std::logic_error);
}

TEST_CASE("the destructor lets everything that is ready run to its end") {
  std::atomic<int> finished{0};
  {
    FakeHost host;
    for (int i = 0; i < 100; ++i) start(visit_threads(host.scheduler()), [&finished](auto) { ++finished; });
  }
  CHECK(finished == 100);
}

}  // namespace
}  // namespace driftstack::testing

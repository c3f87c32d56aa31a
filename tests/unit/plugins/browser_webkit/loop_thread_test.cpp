#include "plugins/browser-webkit/driver/loop_thread.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <future>

namespace driftstack::browser_webkit {
namespace {

TEST_CASE("work runs on the one thread in the order of the calls, and all of it before the end") {
  std::vector<int> order;
  std::vector<std::thread::id> threads;
  {
    LoopThread loop;
    for (int i = 0; i < 100; ++i) {
      loop.post([&, i] {
        order.push_back(i);
        threads.push_back(std::this_thread::get_id());
      });
    }
  }
  REQUIRE(order.size() == 100);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(std::all_of(threads.begin(), threads.end(), [&](std::thread::id id) { return id == threads.front(); }));
  CHECK(threads.front() != std::this_thread::get_id());
}

TEST_CASE("timers fire by their time, and a cancelled one does not") {
  LoopThread loop;
  std::promise<std::string> fired;
  std::string order;
  loop.post([&] {
    loop.after(std::chrono::milliseconds(30), [&] { order += "b"; });
    loop.after(std::chrono::milliseconds(10), [&] { order += "a"; });
    const LoopThread::Timer never = loop.after(std::chrono::milliseconds(20), [&] { order += "x"; });
    loop.cancel(never);
    loop.after(std::chrono::milliseconds(50), [&] { fired.set_value(order); });
  });
  CHECK(fired.get_future().get() == "ab");
}

TEST_CASE("a watched descriptor tells until the watch ends") {
  LoopThread loop;
  const int descriptor = eventfd(0, EFD_CLOEXEC);
  std::promise<void> seen;
  int calls = 0;
  loop.post([&] {
    loop.watch(descriptor, [&] {
      if (++calls < 3) return;  // not read: stays ready
      loop.unwatch(descriptor);
      seen.set_value();
    });
  });
  eventfd_write(descriptor, 1);
  seen.get_future().get();
  std::promise<void> later;
  loop.post([&] { later.set_value(); });
  later.get_future().get();
  CHECK(calls == 3);
  close(descriptor);
}

}  // namespace
}  // namespace driftstack::browser_webkit

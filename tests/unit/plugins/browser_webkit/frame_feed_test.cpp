#include "driver/frame_feed.hpp"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

namespace driftstack::browser_webkit {
namespace {

using namespace std::chrono_literals;

/// A feed on its loop thread, with a session process that does what the test says.
struct World {
  LoopThread loop;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<bool> looks;
  FrameFeed feed{loop, [this](bool on) {
                   const std::lock_guard lock(mutex);
                   looks.push_back(on);
                   changed.notify_all();
                 }};

  template <class Work>
  auto on_loop(Work work) {
    std::promise<decltype(work())> done;
    loop.post([&] { done.set_value(work()); });
    return done.get_future().get();
  }
  ~World() { end(); }
  void end() {
    on_loop([&] {
      feed.end(Error(Errc::driver_error, "the browser is gone"));
      return true;
    });
  }
  std::future<Result<browser::Frame>> next(std::int64_t after, std::chrono::milliseconds timeout = 20s) {
    auto promise = std::make_shared<std::promise<Result<browser::Frame>>>();
    auto future = promise->get_future();
    on_loop([&] {
      feed.next(after, timeout, [promise](Result<browser::Frame> frame) { promise->set_value(std::move(frame)); });
      return true;
    });
    return future;
  }
  bool send(std::string image) {
    browser::Frame frame;
    frame.image.data = std::move(image);
    return on_loop([&] { return feed.take(std::move(frame)); });
  }
  std::vector<bool> wait_for_looks(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 20s, [&] { return looks.size() >= count; });
    return looks;
  }
};

TEST_CASE("all who wait share one question and one picture, and who comes later gets the newest at once") {
  World world;
  auto first = world.next(0), second = world.next(0);
  CHECK(world.wait_for_looks(1) == std::vector{true});
  REQUIRE(world.send("a"));
  const auto frame = first.get();
  REQUIRE(frame);
  CHECK(frame->sequence == 1);
  CHECK(second.get()->image.data == "a");
  CHECK(world.next(0).get()->image.data == "a");
  CHECK(world.wait_for_looks(1).size() == 1);  // nobody waits for another one
  auto third = world.next(1);
  CHECK(world.wait_for_looks(2) == std::vector{true, true});
  REQUIRE(world.send("b"));
  CHECK(third.get()->sequence == 2);
}

TEST_CASE("a picture that nobody asked for is refused") {
  World world;
  CHECK_FALSE(world.send("unasked"));
  auto first = world.next(0);
  REQUIRE(world.send("a"));
  REQUIRE(first.get());
  CHECK_FALSE(world.send("one more"));
}

TEST_CASE("a wait without a change ends without a picture, and its question stands for the next one") {
  World world;
  const auto nothing = world.next(0, 1ms).get();
  REQUIRE(nothing);
  CHECK(nothing->sequence == 0);
  auto waiting = world.next(0);
  REQUIRE(world.send("a"));
  CHECK(waiting.get()->sequence == 1);
  CHECK(world.wait_for_looks(1) == std::vector{true});
}

TEST_CASE("when nobody asks any more the session process is told, and a late picture is no offence") {
  World world;
  CHECK(world.next(0, 1ms).get()->sequence == 0);
  CHECK(world.wait_for_looks(2) == std::vector{true, false});
  CHECK(world.send("late"));
  auto again = world.next(1);
  CHECK(world.wait_for_looks(3) == std::vector{true, false, true});
  REQUIRE(world.send("b"));
  CHECK(again.get()->image.data == "b");
}

TEST_CASE("an end answers whoever waits, and whoever comes after") {
  World world;
  auto waiting = world.next(0);
  world.end();
  CHECK(waiting.get().error().code == Errc::driver_error);
  CHECK(world.next(0).get().error().code == Errc::cancelled);
}

}  // namespace
}  // namespace driftstack::browser_webkit

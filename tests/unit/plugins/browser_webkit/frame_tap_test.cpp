#include "view/frame_tap.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace driftstack::browser_webkit {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A picture of one colour.
struct Paint {
  explicit Paint(std::uint8_t grey, int width = 8, int height = 6) : bytes(static_cast<std::size_t>(width * height * 4), grey) {
    view.data = bytes.data();
    view.width = width;
    view.height = height;
    view.stride = static_cast<std::size_t>(width) * kBytesPerPixel;
  }
  std::vector<std::uint8_t> bytes;
  PixelView view;
};

struct Viewer {
  FrameTap tap{[this](std::string jpeg) {
    const std::lock_guard lock(mutex);
    frames.push_back(std::move(jpeg));
    at.push_back(Clock::now());
    changed.notify_all();
  }};
  std::size_t wait_for(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, 20s, [&] { return frames.size() >= count; });
    return frames.size();
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::string> frames;
  std::deque<Clock::time_point> at;
};

TEST_CASE("nothing is kept of what is painted while nobody looks") {
  Viewer viewer;
  viewer.tap.painted(Paint(1).view);
  CHECK_FALSE(viewer.tap.open());
  viewer.tap.ask();
  CHECK(viewer.tap.open());
  viewer.tap.painted(Paint(2).view);
  CHECK(viewer.wait_for(1) == 1);
  viewer.tap.end();
  CHECK_FALSE(viewer.tap.open());
  viewer.tap.end();
}

TEST_CASE("each question gets one picture, the newest, and none that looks like the one before") {
  Viewer viewer;
  viewer.tap.ask();
  viewer.tap.painted(Paint(1).view);
  REQUIRE(viewer.wait_for(1) == 1);
  viewer.tap.painted(Paint(2).view);  // nobody asked for it, and it is painted over
  viewer.tap.painted(Paint(3).view);
  viewer.tap.ask();
  REQUIRE(viewer.wait_for(2) == 2);
  viewer.tap.ask();
  viewer.tap.painted(Paint(3).view);  // the same again
  viewer.tap.painted(Paint(4, 16, 6).view);
  REQUIRE(viewer.wait_for(3) == 3);
  CHECK(viewer.frames[0] != viewer.frames[1]);
  CHECK(viewer.frames[1] != viewer.frames[2]);
  CHECK(viewer.frames[2].starts_with("\xff\xd8"));
}

TEST_CASE("pictures come ten times a second at most, however fast they are painted and asked for") {
  Viewer viewer;
  for (std::size_t i = 1; i <= 4; ++i) {
    viewer.tap.ask();
    viewer.tap.painted(Paint(static_cast<std::uint8_t>(i * 20)).view);
    REQUIRE(viewer.wait_for(i) == i);
  }
  CHECK(viewer.at.back() - viewer.at.front() >= 300ms - 5ms);  // three times a tenth
}

TEST_CASE("after an end the next first picture may look like the last one") {
  Viewer viewer;
  viewer.tap.ask();
  viewer.tap.painted(Paint(1).view);
  REQUIRE(viewer.wait_for(1) == 1);
  viewer.tap.end();
  viewer.tap.ask();
  viewer.tap.painted(Paint(1).view);
  CHECK(viewer.wait_for(2) == 2);
}

}  // namespace
}  // namespace driftstack::browser_webkit

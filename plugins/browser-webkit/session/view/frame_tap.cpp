#include "view/frame_tap.hpp"

#include <pthread.h>

#include <chrono>
#include <cstring>
#include <utility>

#include "driftstack/roles/browser_view.hpp"
#include "image/jpeg_encoder.hpp"

namespace driftstack::browser_webkit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPeriod{1000 / browser::kMostFramesPerSecond};
constexpr int kQuality = 75;  // text stays readable; a page of 1280x800 has about 100 KB

}  // namespace

FrameTap::~FrameTap() { end(); }

PixelView FrameTap::Picture::view() const {
  PixelView pixels;
  pixels.data = bytes.data();
  pixels.width = width;
  pixels.height = height;
  pixels.stride = static_cast<std::size_t>(width) * kBytesPerPixel;
  return pixels;
}

void FrameTap::ask() {
  const std::lock_guard lock(mutex_);
  asked_ = true;
  if (!open_) {
    open_ = true;
    thread_ = std::thread([this] { run(); });
  }
  changed_.notify_all();
}

void FrameTap::end() {
  {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    open_ = asked_ = fresh_ = false;
    changed_.notify_all();
  }
  thread_.join();
  painted_ = Picture();
}

bool FrameTap::open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

void FrameTap::painted(const PixelView& pixels) {
  const std::lock_guard lock(mutex_);
  if (!open_ || pixels.empty()) return;
  const std::size_t row = static_cast<std::size_t>(pixels.width) * kBytesPerPixel;
  painted_.width = pixels.width;
  painted_.height = pixels.height;
  painted_.bytes.resize(row * static_cast<std::size_t>(pixels.height));
  for (int y = 0; y < pixels.height; ++y) std::memcpy(painted_.bytes.data() + static_cast<std::size_t>(y) * row, pixels.row(y), row);
  fresh_ = true;
  changed_.notify_all();
}

void FrameTap::run() {
  pthread_setname_np(pthread_self(), "frames");
  Picture last, now;
  Clock::time_point next{};
  std::unique_lock lock(mutex_);
  while (open_) {
    if (!asked_ || !fresh_) {
      changed_.wait(lock);
      continue;
    }
    if (Clock::now() < next) {
      changed_.wait_until(lock, next);
      continue;
    }
    fresh_ = false;
    std::swap(now, painted_);  // what is painted meanwhile goes into the other buffer
    lock.unlock();
    // The toolkit also paints what looks the same.
    std::optional<std::string> jpeg;
    if (now != last) jpeg = encode_jpeg(now.view(), kQuality);
    lock.lock();
    if (!jpeg || !open_) continue;
    next = Clock::now() + kPeriod;
    asked_ = false;
    std::swap(last, now);
    lock.unlock();
    on_frame_(std::move(*jpeg));
    lock.lock();
  }
}

}  // namespace driftstack::browser_webkit

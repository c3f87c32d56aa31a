#pragma once
// Pictures of what the window shows, for people who look on: copied on the compositor's thread when something was painted, encoded on a
// thread of its own, handed out on the main thread. While nobody looks there is no copy, no thread and no memory.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "image/pixels.hpp"

namespace driftstack::browser_webkit {

class FrameTap {
 public:
  /// Called on the tap's thread with a JPEG.
  using OnFrame = std::function<void(std::string jpeg)>;

  explicit FrameTap(OnFrame on_frame) : on_frame_(std::move(on_frame)) {}
  ~FrameTap();
  FrameTap(const FrameTap&) = delete;
  FrameTap& operator=(const FrameTap&) = delete;

  /// Asks for one picture that differs from the last one handed out. [main-thread]
  void ask();
  /// Nobody looks any more: gives back thread and memory. The next picture is a first one again. [main-thread]
  void end();
  /// Whether somebody looks. [any-thread]
  bool open() const;
  /// What the window shows now. [compositor-thread]
  void painted(const PixelView& pixels);

 private:
  struct Picture {
    std::vector<std::uint8_t> bytes;
    int width = 0, height = 0;
    PixelView view() const;
    friend bool operator==(const Picture&, const Picture&) = default;
  };
  void run();

  const OnFrame on_frame_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  bool asked_ = false;
  bool fresh_ = false;  ///< painted_ was not looked at yet
  Picture painted_;
  std::thread thread_;
};

}  // namespace driftstack::browser_webkit

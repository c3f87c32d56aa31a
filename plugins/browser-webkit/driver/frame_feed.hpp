#pragma once
// The pictures of one session for all who look on: asks the session process for one when somebody waits for it, keeps the newest, and tells
// the process when nobody looks any more. [loop-thread]

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>

#include "driftstack/result.hpp"
#include "driftstack/roles/browser_view.hpp"
#include "driver/loop_thread.hpp"

namespace driftstack::browser_webkit {

class FrameFeed {
 public:
  using OnFrame = std::function<void(Result<browser::Frame>)>;
  /// True: asks the session process for one picture. False: nobody looks any more.
  using Look = std::function<void(bool on)>;

  FrameFeed(LoopThread& loop, Look look) : loop_(loop), look_(std::move(look)) {}
  FrameFeed(const FrameFeed&) = delete;
  FrameFeed& operator=(const FrameFeed&) = delete;

  /// `on_frame` is called once: with a picture newer than `after`, or without one when the time is over.
  void next(std::int64_t after, std::chrono::milliseconds timeout, OnFrame on_frame);
  /// A picture that the session process sent. False for one that nobody asked it for.
  bool take(browser::Frame frame);
  /// No picture comes any more.
  void end(const Error& error);

 private:
  struct Waiting {
    OnFrame on_frame;
    LoopThread::Timer timer = 0;
  };
  void time_over(std::list<Waiting>::iterator waiting);
  void look_away_later();

  LoopThread& loop_;
  Look look_;
  std::list<Waiting> waiting_;
  std::optional<browser::Frame> newest_;
  std::optional<LoopThread::Timer> looking_away_;
  std::int64_t sequence_ = 0;
  std::int64_t due_ = 0;  ///< pictures asked for and not come; one that was given up may still come
  bool asked_ = false;
  bool ended_ = false;
};

}  // namespace driftstack::browser_webkit

#include "driver/frame_feed.hpp"

#include <utility>

namespace driftstack::browser_webkit {
namespace {

// Between two questions of one viewer lies the time that its network needs for a picture.
constexpr std::chrono::seconds kLookAwayAfter{2};

}  // namespace

void FrameFeed::next(std::int64_t after, std::chrono::milliseconds timeout, OnFrame on_frame) {
  if (ended_) return on_frame(Error(Errc::cancelled, "the session was ended"));
  if (looking_away_) loop_.cancel(*std::exchange(looking_away_, std::nullopt));
  if (newest_ && newest_->sequence > after) {
    look_away_later();
    return on_frame(*newest_);
  }
  Waiting waiting;
  waiting.on_frame = std::move(on_frame);
  const auto place = waiting_.insert(waiting_.end(), std::move(waiting));
  place->timer = loop_.after(timeout, [this, place] { time_over(place); });
  if (asked_) return;
  asked_ = true;
  ++due_;
  look_(true);
}

void FrameFeed::time_over(std::list<Waiting>::iterator waiting) {
  const OnFrame on_frame = std::move(waiting->on_frame);
  waiting_.erase(waiting);
  look_away_later();
  on_frame(browser::Frame());
}

bool FrameFeed::take(browser::Frame frame) {
  if (due_ == 0) return false;
  --due_;
  asked_ = false;
  frame.sequence = ++sequence_;
  newest_ = std::move(frame);
  const std::list<Waiting> waiting = std::exchange(waiting_, {});
  look_away_later();
  for (const Waiting& one : waiting) {
    loop_.cancel(one.timer);
    one.on_frame(*newest_);
  }
  return true;
}

void FrameFeed::look_away_later() {
  if (!waiting_.empty() || looking_away_ || ended_) return;
  looking_away_ = loop_.after(kLookAwayAfter, [this] {
    looking_away_.reset();
    newest_.reset();
    asked_ = false;
    look_(false);
  });
}

void FrameFeed::end(const Error& error) {
  ended_ = true;
  if (looking_away_) loop_.cancel(*std::exchange(looking_away_, std::nullopt));
  newest_.reset();
  const std::list<Waiting> waiting = std::exchange(waiting_, {});
  for (const Waiting& one : waiting) {
    loop_.cancel(one.timer);
    one.on_frame(error);
  }
}

}  // namespace driftstack::browser_webkit

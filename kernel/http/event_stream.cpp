#include "kernel/http/event_stream.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "kernel/http/sender.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kHeartbeat = ": ping\n\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::chrono::milliseconds kLook{1000};  // how long a client may be gone before the source hears of it

}  // namespace

// Suspends the stream until wake(); a wake that came before counts.
class EventStream::Wait {
 public:
  explicit Wait(EventStream& stream) noexcept : stream_(stream) {}
  bool await_ready() const noexcept { return stream_.woken_; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { stream_.waiter_ = handle; }
  void await_resume() const noexcept { stream_.woken_ = false; }

 private:
  EventStream& stream_;
};

void EventStream::wake() noexcept {
  woken_ = true;
  if (waiter_) std::exchange(waiter_, nullptr).resume();
}

void EventStream::stop() noexcept {
  stopping_ = true;
  wake();
}

void EventStream::on_tick() noexcept {
  if (transport_.peer_gone()) stopping_ = true;
  next_tick();
  wake();
}

void EventStream::next_tick() noexcept { timer_.tick_at(Deadline::Clock::now() + std::min(kLook, options_.heartbeat)); }

// One piece. Ends on the stream's thread, wherever the source ended.
Task<> EventStream::pull(EventSource& source, Call& call) {
  auto next = co_await source.next(call);
  co_await on_io(io_, thread_);
  pulling_ = false;
  if (next && *next)
    piece_ = std::move(*next);
  else
    ended_ = true;
  wake();
}

Task<bool> EventStream::send(std::string_view text, std::uint64_t& sent) {
  out_.clear();
  if (framing_ == AnswerFraming::chunked) {
    std::array<char, 16> size;
    out_.append(size.data(), std::to_chars(size.data(), size.data() + size.size(), text.size(), 16).ptr);
    out_.append("\r\n").append(text).append("\r\n");
  } else {
    out_.append(text);
  }
  const bool done = co_await send_all(transport_, timer_, options_.write_timeout, out_, std::string_view(), sent);
  silent_since_ = Deadline::Clock::now();
  if (done) next_tick();
  co_return done;
}

Task<> EventStream::run(EventSource& source, Call& call, AnswerFraming framing, std::uint64_t& sent) {
  framing_ = framing;
  silent_since_ = Deadline::Clock::now();
  next_tick();
  bool broken = false;
  while (!stopping_ && !ended_ && !broken) {
    if (!pulling_ && !piece_) {
      pulling_ = true;
      detach(pull(source, call));
    }
    Wait wait(*this);
    co_await wait;
    if (piece_) {
      const std::string piece = std::move(*piece_);
      piece_.reset();
      if (!piece.empty()) broken = !co_await send(piece, sent);
    } else if (!stopping_ && Deadline::Clock::now() - silent_since_ >= options_.heartbeat) {
      broken = !co_await send(kHeartbeat, sent);
    }
  }
  if (broken || transport_.peer_gone()) call.cancel();
  if (!ended_) source.stop();
  while (pulling_) {
    Wait wait(*this);
    co_await wait;
  }
  if (!broken && framing_ == AnswerFraming::chunked)
    (void)co_await send_all(transport_, timer_, options_.write_timeout, kLastChunk, std::string_view(), sent);
}

}  // namespace driftstack::kernel

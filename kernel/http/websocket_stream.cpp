#include "kernel/http/websocket_stream.hpp"

#include <algorithm>
#include <vector>

#include "driftstack/problem.hpp"
#include "driftstack/support/utf8.hpp"
#include "kernel/http/sender.hpp"

namespace driftstack::kernel {
namespace {

using Clock = Deadline::Clock;

constexpr std::chrono::milliseconds kLook{1000};  // how often a connection is looked at
constexpr int kSilences = 3;                      // heartbeats without a byte after which a client counts as dead
constexpr std::size_t kReadRoom = 4096;
constexpr std::size_t kMostReason = 123;  // bytes of a close frame beside its code (RFC 6455 section 5.5)

/// As much of a text as fits into a close frame, cut between characters.
std::string_view reason_of(std::string_view text) noexcept {
  text = text.substr(0, kMostReason);
  while (!text.empty() && !is_valid_utf8(text)) text.remove_suffix(1);
  return text;
}

}  // namespace

// Suspends the stream until wake(); a wake that came before counts.
class WebSocketStream::Wait {
 public:
  explicit Wait(WebSocketStream& stream) noexcept : stream_(stream) {}
  bool await_ready() const noexcept { return stream_.woken_; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { stream_.waiter_ = handle; }
  void await_resume() const noexcept { stream_.woken_ = false; }

 private:
  WebSocketStream& stream_;
};

void WebSocketStream::wake() noexcept {
  woken_ = true;
  if (waiter_) std::exchange(waiter_, nullptr).resume();
}

void WebSocketStream::end(WebSocketClose code, std::string reason) {
  if (ending_) return;
  ending_.emplace();
  ending_->code = code;
  ending_->reason = std::move(reason);
}

void WebSocketStream::end_for(const Error& error) {
  constexpr int kFirstOfOurFaults = 500;  // statuses of the catalogue
  if (problem_kind(error.code).status >= kFirstOfOurFaults)
    end(WebSocketClose::internal);
  else
    end(WebSocketClose::policy, error.detail);
}

void WebSocketStream::lose() noexcept { lost_ = true; }

void WebSocketStream::stop() noexcept {
  end(WebSocketClose::going_away);
  wake();
}

void WebSocketStream::on_tick() noexcept {
  // While a message is handed over nobody reads, so that an end of the client would stay unseen.
  if (Clock::now() - heard_ >= kSilences * options_.heartbeat || (handing_over_ && transport_.peer_gone())) lose();
  next_tick();
  wake();
}

void WebSocketStream::next_tick() noexcept { timer_.tick_at(Clock::now() + std::min(kLook, options_.heartbeat)); }

bool WebSocketStream::ping_is_due() const noexcept {
  const auto now = Clock::now();
  return now - heard_ >= options_.heartbeat && now - pinged_ >= options_.heartbeat;
}

// ---------------------------------------------------------------- from the plugin to the client

// One message. Ends on the stream's thread, wherever the plugin ended.
Task<> WebSocketStream::pull(MessageStream& messages, Call& call) {
  auto next = co_await messages.next(call);
  co_await on_io(lane_.io, lane_.thread);
  pulling_ = false;
  if (!next)
    end_for(next.error());
  else if (!*next)
    end(WebSocketClose::normal);
  else
    outgoing_ = std::move(*next);
  wake();
}

Task<bool> WebSocketStream::send(WebSocketOpcode opcode, std::string_view payload, std::uint64_t& sent) {
  head_.clear();
  append_frame_head(head_, opcode, payload.size());
  const bool done = co_await send_all(transport_, timer_, options_.write_timeout, head_, payload, sent);
  if (done) next_tick();
  co_return done;
}

Task<bool> WebSocketStream::send_what_is_there(std::uint64_t& sent) {
  bool done = true;
  if (pong_) {
    const std::string payload = std::move(*pong_);
    pong_.reset();
    done = co_await send(WebSocketOpcode::pong, payload, sent);
  }
  if (done && outgoing_) {
    const SocketMessage message = std::move(*outgoing_);
    outgoing_.reset();
    const auto opcode = message.kind == SocketMessage::Kind::text ? WebSocketOpcode::text : WebSocketOpcode::binary;
    done = co_await send(opcode, message.data, sent);
    if (done) lane_.metrics.websocket_sent.add(1);
  }
  if (done && ping_is_due()) {
    pinged_ = Clock::now();
    done = co_await send(WebSocketOpcode::ping, std::string_view(), sent);
  }
  co_return done;
}

// ---------------------------------------------------------------- from the client to the plugin

Task<> WebSocketStream::hand_over(MessageStream& messages, Call& call, WebSocketEvent event) {
  const auto kind = event.kind == WebSocketEvent::Kind::text ? SocketMessage::Kind::text : SocketMessage::Kind::binary;
  SocketMessage message(kind, std::move(event.data));
  lane_.metrics.websocket_received.add(1);
  handing_over_ = true;
  auto taken = co_await messages.receive(call, std::move(message));
  co_await on_io(lane_.io, lane_.thread);
  handing_over_ = false;
  if (taken) co_return;
  end_for(taken.error());
  wake();
}

// Reads until the client says goodbye, breaks the rules or is gone; what comes once the connection ends is dropped.
Task<> WebSocketStream::read(MessageStream& messages, Call& call, std::string early) {
  WebSocketReader reader(message_limit_);
  std::vector<WebSocketEvent> events;
  std::string room(kReadRoom, '\0');
  std::string_view bytes = early;
  bool open = true;
  while (open && !lost_ && !timer_.expired()) {
    if (bytes.empty()) {
      const std::span<char> span(room.data(), room.size());
      const std::size_t size = co_await transport_.read(span);
      if (size == 0 || timer_.expired()) break;
      heard_ = Clock::now();
      bytes = std::string_view(room.data(), size);
    }
    events.clear();
    open = reader.take(bytes, events);
    bytes = {};
    for (auto& event : events) {
      if (event.kind == WebSocketEvent::Kind::close) {
        end(event.code == 0 ? WebSocketClose::normal : static_cast<WebSocketClose>(event.code));
      } else if (event.kind == WebSocketEvent::Kind::ping) {
        pong_ = std::move(event.data);
        wake();
      } else if (!ending()) {
        co_await hand_over(messages, call, std::move(event));
      }
    }
  }
  if (open)
    lose();
  else if (reader.problem() != WebSocketClose::normal) {
    lane_.metrics.websocket_broken.add(1);
    end(reader.problem());
  }
  reading_ = false;
  wake();  // last: the stream may end inside
}

// ---------------------------------------------------------------- the whole

Task<> WebSocketStream::run(MessageStream& messages, Call& call, std::string early, std::uint64_t& sent) {
  heard_ = pinged_ = Clock::now();
  next_tick();
  reading_ = true;
  detach(read(messages, call, std::move(early)));
  while (!ending()) {
    if (!pulling_ && !outgoing_) {
      pulling_ = true;
      detach(pull(messages, call));
    }
    Wait wait(*this);
    co_await wait;
    if (!ending()) {
      const bool done = co_await send_what_is_there(sent);
      if (!done) lose();
    }
  }
  co_await part(messages, call, sent);
}

// Says goodbye, waits for the client's (for a moment) and for the plugin's tasks (as long as they take).
Task<> WebSocketStream::part(MessageStream& messages, Call& call, std::uint64_t& sent) {
  if (lost_) call.cancel();
  messages.stop();
  if (!lost_) {
    std::string payload;
    append_close_payload(payload, ending_->code, reason_of(ending_->reason));
    const bool done = co_await send(WebSocketOpcode::close, payload, sent);
    if (!done) lose();
  }
  if (lost_)
    transport_.cancel();
  else
    timer_.limit(Clock::now() + options_.linger_timeout);
  while (pulling_ || reading_) {
    Wait wait(*this);
    co_await wait;
  }
}

}  // namespace driftstack::kernel

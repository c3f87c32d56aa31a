#pragma once

namespace driftstack::kernel {

/// An answer that goes on for as long as both sides want: an event stream, a WebSocket. [io-thread of the connection]
class LiveAnswer {
 public:
  /// The connection's tick: time to look for the peer.
  virtual void on_tick() noexcept = 0;
  /// Ends the answer soon, because the server drains.
  virtual void stop() noexcept = 0;

 protected:
  ~LiveAnswer() = default;
};

}  // namespace driftstack::kernel

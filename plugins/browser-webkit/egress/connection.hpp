#pragma once
// One connection of a session through its egress guard: handshake, check, dial, then bytes both ways. [loop-thread]

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "egress/dialer.hpp"
#include "egress/guard.hpp"
#include "egress/socks.hpp"
#include "egress/upstream.hpp"

namespace driftstack::browser_webkit {

class EgressConnection : public std::enable_shared_from_this<EgressConnection> {
 public:
  EgressConnection(EgressGuard& guard, Descriptor client);
  EgressConnection(const EgressConnection&) = delete;
  EgressConnection& operator=(const EgressConnection&) = delete;

  void begin();
  /// Ends it without telling the guard, which is going away.
  void close();

 private:
  enum class State : std::uint8_t { greeting, request, dialling, upstream, relaying, closed };
  struct Side {
    Descriptor socket;
    std::string unsent;  ///< bytes on their way to this side
    std::uint8_t interest = 0;
    bool ended = false;  ///< it sends no more
    bool shut = false;   ///< it was told that the other side sends no more
  };

  void on_ready();
  void read_handshake();
  void judge();
  void on_dialled(Descriptor socket, DialFailure failure);
  void talk_to_upstream();
  void advance_upstream();
  void begin_relay();
  /// False when the connection is broken.
  bool move(Side& from, Side& to, std::int64_t& counter);
  void relay();
  void set_interest(Side& side, bool read, bool write);
  void arm(std::chrono::milliseconds limit);
  void on_time();
  /// Tells the client why, as far as its socket takes it at once, and ends.
  void answer_and_finish(socks::Reply reason);
  void refuse();
  void finish();

  EgressGuard* guard_;  // null once closed
  LoopThread& loop_;
  State state_ = State::greeting;
  Side client_, server_;
  std::string handshake_;  // of the client, later of the upstream proxy
  EgressTarget target_;
  std::shared_ptr<Dialer> dialer_;
  std::optional<UpstreamHandshake> upstream_;
  LoopThread::Timer deadline_ = 0;
  LoopThread::Clock::time_point last_activity_{};
};

}  // namespace driftstack::browser_webkit

#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/http.hpp"
#include "kernel/http/lane.hpp"
#include "kernel/http/live_answer.hpp"
#include "kernel/http/phase_timer.hpp"
#include "kernel/http/server_options.hpp"
#include "kernel/http/transport.hpp"
#include "kernel/http/websocket_frames.hpp"

namespace driftstack::kernel {

/// Carries one WebSocket between its client and a plugin's stream, after the head with status 101 was sent. Sends one message at a time and
/// pulls the next when the socket took it; hands over one message at a time and reads on when the plugin took it: neither a slow client
/// nor a fast one fills memory. Sends pings, answers them (the newest of several), and ends the connection with a close code. Costs two
/// frames and no thread. [io-thread]
class WebSocketStream final : public LiveAnswer {
 public:
  WebSocketStream(Lane& lane, Transport& transport, PhaseTimer& timer, const ServerOptions& options, std::size_t message_limit) noexcept
      : lane_(lane), transport_(transport), timer_(timer), options_(options), message_limit_(message_limit) {}

  /// Runs all of it; answers once no task of the plugin's stream is running any more. `early` is what the client sent behind its head. Adds
  /// what was sent to `sent`.
  Task<> run(MessageStream& messages, Call& call, std::string early, std::uint64_t& sent);
  void on_tick() noexcept override;
  void stop() noexcept override;

 private:
  class Wait;
  struct Ending {
    WebSocketClose code = WebSocketClose::normal;
    std::string reason;
  };

  Task<> pull(MessageStream& messages, Call& call);
  Task<> read(MessageStream& messages, Call& call, std::string early);
  Task<> hand_over(MessageStream& messages, Call& call, WebSocketEvent event);
  Task<bool> send_what_is_there(std::uint64_t& sent);
  Task<bool> send(WebSocketOpcode opcode, std::string_view payload, std::uint64_t& sent);
  Task<> part(MessageStream& messages, Call& call, std::uint64_t& sent);
  /// The first reason counts.
  void end(WebSocketClose code, std::string reason = std::string());
  void end_for(const Error& error);
  void lose() noexcept;
  bool ending() const noexcept { return lost_ || ending_; }
  bool ping_is_due() const noexcept;
  void wake() noexcept;
  void next_tick() noexcept;

  Lane& lane_;
  Transport& transport_;
  PhaseTimer& timer_;
  const ServerOptions& options_;
  const std::size_t message_limit_;
  std::coroutine_handle<> waiter_;
  std::optional<SocketMessage> outgoing_;
  std::optional<std::string> pong_;
  std::optional<Ending> ending_;
  std::string head_;
  Deadline::Clock::time_point heard_{}, pinged_{};
  bool woken_ = false;
  bool pulling_ = false, reading_ = false, handing_over_ = false;
  bool lost_ = false;  ///< nothing more can be sent
};

}  // namespace driftstack::kernel

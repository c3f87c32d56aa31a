#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>

#include "driftstack/http.hpp"
#include "kernel/http/live_answer.hpp"
#include "kernel/http/phase_timer.hpp"
#include "kernel/http/response_writer.hpp"
#include "kernel/http/server_options.hpp"
#include "kernel/http/transport.hpp"

namespace driftstack::kernel {

/// Carries one server-sent event stream from its source to its client. Pulls one piece at a time, so a slow client slows its source and
/// fills no memory; sends heartbeats; ends when the source ends, the client goes, or stop() is called. Costs a frame and no thread.
/// [io-thread]
class EventStream final : public LiveAnswer {
 public:
  EventStream(IoThreads& io, IoThread thread, Transport& transport, PhaseTimer& timer, const ServerOptions& options) noexcept
      : io_(io), thread_(thread), transport_(transport), timer_(timer), options_(options) {}

  /// Runs the whole stream after its head was sent; answers once no task of the source is running any more. Adds what was sent to `sent`.
  Task<> run(EventSource& source, Call& call, AnswerFraming framing, std::uint64_t& sent);
  /// The connection's tick: looks for the peer and wakes the stream.
  void on_tick() noexcept override;
  /// Ends the stream soon.
  void stop() noexcept override;

 private:
  class Wait;
  Task<> pull(EventSource& source, Call& call);
  void wake() noexcept;
  void next_tick() noexcept;
  Task<bool> send(std::string_view text, std::uint64_t& sent);

  IoThreads& io_;
  const IoThread thread_;
  Transport& transport_;
  PhaseTimer& timer_;
  const ServerOptions& options_;
  AnswerFraming framing_ = AnswerFraming::chunked;
  std::coroutine_handle<> waiter_;
  std::optional<std::string> piece_;
  std::string out_;
  Deadline::Clock::time_point silent_since_{};
  bool woken_ = false;
  bool pulling_ = false;
  bool ended_ = false;     ///< by the source
  bool stopping_ = false;  ///< by us
};

}  // namespace driftstack::kernel

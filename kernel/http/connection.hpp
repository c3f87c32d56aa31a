#pragma once

#include <memory>

#include "driftstack/task.hpp"
#include "kernel/http/counted_places.hpp"
#include "kernel/http/input_buffer.hpp"
#include "kernel/http/lane.hpp"
#include "kernel/http/live_answer.hpp"
#include "kernel/http/phase_timer.hpp"
#include "kernel/http/request_body.hpp"
#include "kernel/http/transport.hpp"

namespace driftstack::kernel {

/// One client connection from its acceptance to its end: reads heads, hands exchanges to the pipeline, writes answers, in order. Lives in
/// the frame of its own serve(). [io-thread of its lane]
class Connection final : private PhaseTimer::Owner {
 public:
  Connection(Lane& lane, std::shared_ptr<const ServerOptions> options, std::unique_ptr<Transport> transport, const PeerAddress& peer,
             CountedPlaces::Place place);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves the connection until it ends; the task owns it.
  static Task<> serve(std::unique_ptr<Connection> connection);

  /// Ends an idle connection now, a busy one after its answer, a stream soon.
  void drain() noexcept;
  /// Ends the connection whatever it does; a handler that runs is told through its Call.
  void abort() noexcept;

 private:
  enum class Activity : std::uint8_t { opening, idle, receiving, working, answering };
  enum class Next : std::uint8_t { request, close, linger };

  Task<> run();
  /// Before reading more of a head: sets the limit. False when there shall be no further request.
  bool expect_head() noexcept;
  /// After reading: the parser's judgement, or nothing when the connection ended.
  std::optional<HeadState> take_head_bytes(std::size_t size);
  void begin_exchange();
  void refuse_head();
  Task<Next> answer_slowly(KeepAlive keep, std::string_view body, std::size_t sent_already);
  Task<Next> answer_live();
  Task<bool> run_events(std::uint64_t& sent);
  Task<bool> run_messages(std::uint64_t& sent);
  std::optional<Error> fault_of_live(bool has_place) const;
  Task<> linger();
  KeepAlive decide_keep_alive() const noexcept;
  void finished(std::uint64_t bytes) noexcept;
  void on_tick() noexcept override;

  Lane& lane_;
  const std::shared_ptr<const ServerOptions> options_;
  const CountedPlaces::Place place_;
  const std::unique_ptr<Transport> transport_;
  PhaseTimer timer_;
  InputBuffer input_;
  HeadParser parser_;
  RequestBody body_;
  Exchange exchange_;
  std::string out_;  ///< an answer that the socket did not take at once
  LiveAnswer* live_ = nullptr;
  Activity activity_ = Activity::opening;
  bool last_ = false;  ///< no further request on this connection
};

}  // namespace driftstack::kernel

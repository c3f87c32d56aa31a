#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/http/head_parser.hpp"
#include "kernel/http/input_buffer.hpp"
#include "kernel/http/phase_timer.hpp"
#include "kernel/http/server_options.hpp"
#include "kernel/http/transport.hpp"
#include "kernel/pipeline/exchange.hpp"

namespace driftstack::kernel {

/// The body of the request that a connection works on. A body that lies in the input buffer already is not copied. [io-thread]
class RequestBody final : public BodyReader {
 public:
  RequestBody(Transport& transport, PhaseTimer& timer, InputBuffer& input) noexcept : transport_(transport), timer_(timer), input_(input) {}

  /// For the next request, whose head lies at the front of the input buffer.
  void begin(const RequestHead& head, std::size_t head_size, const ServerOptions& options) noexcept;

  bool present() const noexcept override { return framing_ != Framing::none; }
  std::optional<std::uint64_t> announced_length() const noexcept override {
    if (framing_ == Framing::chunked) return std::nullopt;
    return length_;
  }
  AsyncResult<std::string_view> read(std::size_t limit) override;

  /// True when the bytes of this request on the wire end where we know: the body was read, or is short enough to be dropped.
  bool can_continue() const noexcept;
  /// Takes the request out of the input buffer: views into it end here. Reads and drops an unread body; false when the connection broke.
  Task<bool> finish();
  /// True when finish() has nothing to wait for.
  bool finishes_at_once() const noexcept;
  void finish_now() noexcept;

 private:
  enum class State : std::uint8_t { unread, reading, read, failed };

  AsyncResult<std::string_view> read_length();
  AsyncResult<std::string_view> read_chunks(std::size_t limit);
  Task<bool> receive(std::size_t most);
  bool send_continue() noexcept;
  std::string_view buffered() const noexcept { return input_.unread().substr(head_size_); }
  Error broken() const;

  Transport& transport_;
  PhaseTimer& timer_;
  InputBuffer& input_;
  const ServerOptions* options_ = nullptr;
  std::string content_;    ///< a body that did not fit the input buffer
  std::string received_;   ///< raw bytes of the last receive
  std::string following_;  ///< bytes behind a chunked body: the next request
  std::string_view view_;
  std::size_t head_size_ = 0;
  std::size_t used_ = 0;  ///< bytes of the input buffer that belong to this request
  std::uint64_t length_ = 0;
  std::uint64_t arrived_ = 0;  ///< raw bytes of it so far, for the minimum rate
  Deadline::Clock::time_point began_{};
  Framing framing_ = Framing::none;
  State state_ = State::unread;
  bool continue_wanted_ = false;
  bool limited_ = false;   ///< the timer of the connection bounds the arrival of this body
  bool replaced_ = false;  ///< following_ takes the place of what is in the input buffer
};

}  // namespace driftstack::kernel

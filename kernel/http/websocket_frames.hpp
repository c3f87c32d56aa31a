#pragma once
// Frames of RFC 6455, read strictly from a client and written for it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace driftstack::kernel {

/// Codes of a close frame (RFC 6455 section 7.4.1) that this server sends.
enum class WebSocketClose : std::uint16_t {
  normal = 1000,
  going_away = 1001,      ///< the server drains
  protocol_error = 1002,  ///< a frame breaks the rules
  not_utf8 = 1007,        ///< a text message that is no UTF-8
  policy = 1008,
  too_large = 1009,
  internal = 1011,
};

/// What the client sent, put together of its fragments.
struct WebSocketEvent {
  enum class Kind : std::uint8_t { text, binary, ping, close };
  Kind kind = Kind::text;
  std::string data;        ///< message, payload of a ping, reason of a close
  std::uint16_t code = 0;  ///< of a close; 0 when the client gave none
};

/// Reads the frames of one client. Everything that RFC 6455 forbids, and everything that two readers could understand differently, ends the
/// stream: reserved bits and opcodes, frames without a mask, lengths not in their shortest form, fragmented or long control frames,
/// continuations of nothing, new messages in the middle of one, bad close codes, text that is no UTF-8. Never holds more than one message
/// of `limit` bytes. [io-thread of the connection]
class WebSocketReader {
 public:
  explicit WebSocketReader(std::size_t limit) noexcept : limit_(limit) {}

  /// Takes bytes as they come and appends complete events. False once the stream is broken or closed; later bytes are dropped then.
  bool take(std::string_view bytes, std::vector<WebSocketEvent>& events);
  /// Why the stream is broken; normal when it is not.
  WebSocketClose problem() const noexcept { return problem_; }

 private:
  enum class Part : std::uint8_t { head, length, mask, payload, ended };
  bool fail(WebSocketClose problem) noexcept;
  bool begin_frame(std::uint8_t first, std::uint8_t second);
  bool know_length(std::uint64_t length);
  void take_payload(std::string_view& bytes);
  bool end_frame(std::vector<WebSocketEvent>& events);
  bool end_close(std::vector<WebSocketEvent>& events);

  const std::size_t limit_;
  Part part_ = Part::head;
  WebSocketClose problem_ = WebSocketClose::normal;
  std::array<std::uint8_t, 8> field_{};  ///< the head field that is being collected
  std::size_t collected_ = 0, wanted_ = 2;
  std::uint8_t opcode_ = 0;
  bool final_ = false;
  std::uint64_t left_ = 0;  ///< payload bytes still to come
  std::size_t mask_at_ = 0;
  std::array<std::uint8_t, 4> mask_{};
  std::string message_;              ///< fragments so far
  std::string control_;              ///< payload of a control frame
  std::uint8_t message_opcode_ = 0;  ///< of the first fragment; 0 between messages
};

enum class WebSocketOpcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Appends the head of an unmasked, final frame; the payload follows it.
void append_frame_head(std::string& out, WebSocketOpcode opcode, std::uint64_t size);
/// Appends the payload of a close frame; code and reason together have at most 125 bytes.
void append_close_payload(std::string& out, WebSocketClose code, std::string_view reason);

}  // namespace driftstack::kernel

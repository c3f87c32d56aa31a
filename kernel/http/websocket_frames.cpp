#include "kernel/http/websocket_frames.hpp"

#include <algorithm>

#include "driftstack/support/utf8.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::size_t kMostControlPayload = 125;  // RFC 6455 section 5.5
constexpr std::uint8_t kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;

bool is_control(std::uint8_t opcode) noexcept { return (opcode & 8) != 0; }

bool is_known(std::uint8_t opcode) noexcept { return opcode <= kBinary || (opcode >= kClose && opcode <= kPong); }

// Codes that an endpoint may send (RFC 6455 section 7.4; 1012 to 1014 of the IANA registry).
bool is_close_code(std::uint16_t code) noexcept {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

bool WebSocketReader::fail(WebSocketClose problem) noexcept {
  problem_ = problem;
  part_ = Part::ended;
  return false;
}

bool WebSocketReader::take(std::string_view bytes, std::vector<WebSocketEvent>& events) {
  while (!bytes.empty() && part_ != Part::ended) {
    if (part_ == Part::payload) {
      take_payload(bytes);
      if (left_ == 0 && !end_frame(events)) return false;
      continue;
    }
    field_[collected_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (collected_ < wanted_) continue;
    collected_ = 0;
    if (part_ == Part::head) {
      if (!begin_frame(field_[0], field_[1])) return false;
    } else if (part_ == Part::length) {
      std::uint64_t length = 0;
      for (std::size_t i = 0; i < wanted_; ++i) length = length << 8 | field_[i];
      if (wanted_ == 2 ? length < 126 : length < 65536) return fail(WebSocketClose::protocol_error);  // not the shortest form
      if (!know_length(length)) return false;
    } else {
      std::copy_n(field_.begin(), mask_.size(), mask_.begin());
      mask_at_ = 0;
      part_ = Part::payload;
      if (left_ == 0 && !end_frame(events)) return false;
    }
  }
  return part_ != Part::ended;
}

bool WebSocketReader::begin_frame(std::uint8_t first, std::uint8_t second) {
  opcode_ = first & 0x0F;
  final_ = (first & 0x80) != 0;
  const bool masked = (second & 0x80) != 0;
  const std::uint8_t length = second & 0x7F;
  if ((first & 0x70) != 0 || !masked || !is_known(opcode_)) return fail(WebSocketClose::protocol_error);
  if (is_control(opcode_) && (!final_ || length > kMostControlPayload)) return fail(WebSocketClose::protocol_error);
  if (opcode_ == kContinuation && message_opcode_ == 0) return fail(WebSocketClose::protocol_error);
  if ((opcode_ == kText || opcode_ == kBinary) && message_opcode_ != 0) return fail(WebSocketClose::protocol_error);
  if (length < 126) return know_length(length);
  part_ = Part::length;
  wanted_ = length == 126 ? 2 : 8;
  return true;
}

bool WebSocketReader::know_length(std::uint64_t length) {
  if (!is_control(opcode_) && length > limit_ - message_.size()) return fail(WebSocketClose::too_large);
  left_ = length;
  part_ = Part::mask;
  wanted_ = mask_.size();
  return true;
}

void WebSocketReader::take_payload(std::string_view& bytes) {
  std::string& out = is_control(opcode_) ? control_ : message_;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  for (const char c : bytes.substr(0, size)) out += static_cast<char>(static_cast<std::uint8_t>(c) ^ mask_[mask_at_++ & 3]);
  bytes.remove_prefix(size);
  left_ -= size;
}

bool WebSocketReader::end_frame(std::vector<WebSocketEvent>& events) {
  part_ = Part::head;
  wanted_ = 2;
  if (opcode_ == kClose) return end_close(events);
  if (is_control(opcode_)) {
    if (opcode_ == kPing) events.push_back(WebSocketEvent{WebSocketEvent::Kind::ping, control_, 0});
    control_.clear();
    return true;
  }
  if (opcode_ != kContinuation) message_opcode_ = opcode_;
  if (!final_) return true;
  const bool text = message_opcode_ == kText;
  message_opcode_ = 0;
  if (text && !is_valid_utf8(message_)) return fail(WebSocketClose::not_utf8);
  events.push_back(WebSocketEvent{text ? WebSocketEvent::Kind::text : WebSocketEvent::Kind::binary, std::move(message_), 0});
  message_ = std::string();
  return true;
}

bool WebSocketReader::end_close(std::vector<WebSocketEvent>& events) {
  WebSocketEvent event;
  event.kind = WebSocketEvent::Kind::close;
  if (control_.size() == 1) return fail(WebSocketClose::protocol_error);
  if (control_.size() >= 2) {
    event.code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(control_[0]) << 8 | static_cast<std::uint8_t>(control_[1]));
    event.data = control_.substr(2);
    if (!is_close_code(event.code)) return fail(WebSocketClose::protocol_error);
    if (!is_valid_utf8(event.data)) return fail(WebSocketClose::not_utf8);
  }
  events.push_back(std::move(event));
  part_ = Part::ended;
  return false;
}

void append_frame_head(std::string& out, WebSocketOpcode opcode, std::uint64_t size) {
  out += static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
  if (size < 126) {
    out += static_cast<char>(size);
    return;
  }
  const int bytes = size < 65536 ? 2 : 8;
  out += static_cast<char>(bytes == 2 ? 126 : 127);
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xFF);
}

void append_close_payload(std::string& out, WebSocketClose code, std::string_view reason) {
  out += static_cast<char>(static_cast<std::uint16_t>(code) >> 8);
  out += static_cast<char>(static_cast<std::uint16_t>(code) & 0xFF);
  out += reason;
}

}  // namespace driftstack::kernel

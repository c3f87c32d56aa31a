#include "kernel/http/websocket_frames.hpp"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

namespace driftstack::kernel {
namespace {

using Kind = WebSocketEvent::Kind;

std::string masked(std::uint8_t first, std::string_view payload, int length_bytes = -1) {
  const std::size_t size = payload.size();
  if (length_bytes < 0) length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;
  std::string frame(1, static_cast<char>(first));
  frame += static_cast<char>(0x80 | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
  for (int shift = 8 * (length_bytes - 1); shift >= 0; shift -= 8) frame += static_cast<char>(std::uint64_t{size} >> shift & 0xFF);
  constexpr char kMask[] = {'\x12', '\x34', '\x56', '\x78'};
  frame.append(kMask, 4);
  for (std::size_t i = 0; i < size; ++i) frame += static_cast<char>(payload[i] ^ kMask[i & 3]);
  return frame;
}

struct Reading {
  explicit Reading(std::string_view bytes, std::size_t step = SIZE_MAX, std::size_t limit = 70'000) : reader(limit) {
    for (; open && !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) open = reader.take(bytes.substr(0, step), events);
  }
  WebSocketReader reader;
  std::vector<WebSocketEvent> events;
  bool open = true;
};

TEST_CASE("messages of every length come out whole, however the bytes arrive") {
  for (const std::size_t size : {0, 1, 125, 126, 65535, 65536}) {
    const std::string text(size, 'a');
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, SIZE_MAX}) {
      const Reading reading(masked(0x81, text) + masked(0x82, text), step);
      REQUIRE(reading.events.size() == 2);
      CHECK(reading.events[0].kind == Kind::text);
      CHECK(reading.events[0].data == text);
      CHECK(reading.events[1].kind == Kind::binary);
    }
  }
}

TEST_CASE("fragments make one message, and control frames may stand between them") {
  const Reading reading(masked(0x01, "he") + masked(0x89, "p") + masked(0x00, "l") + masked(0x80, "lo"));
  REQUIRE(reading.events.size() == 2);
  CHECK(reading.events[0].kind == Kind::ping);
  CHECK(reading.events[0].data == "p");
  CHECK(reading.events[1].data == "hello");
}

TEST_CASE("whatever the protocol forbids ends the stream with its code") {
  struct Row {
    const char* name;
    std::string bytes;
    WebSocketClose code;
  };
  const std::string unmasked(
      "\x81\x01"
      "a",
      3);
  const Row rows[] = {
      {"unmasked", unmasked, WebSocketClose::protocol_error},
      {"reserved bit", masked(0xC1, "a"), WebSocketClose::protocol_error},
      {"reserved opcode", masked(0x83, "a"), WebSocketClose::protocol_error},
      {"reserved control opcode", masked(0x8B, "a"), WebSocketClose::protocol_error},
      {"fragmented ping", masked(0x09, "a"), WebSocketClose::protocol_error},
      {"long ping", masked(0x89, std::string(126, 'a')), WebSocketClose::protocol_error},
      {"continuation of nothing", masked(0x80, "a"), WebSocketClose::protocol_error},
      {"message inside a message", masked(0x01, "a") + masked(0x81, "b"), WebSocketClose::protocol_error},
      {"length in two bytes that fits in one", masked(0x81, "a", 2), WebSocketClose::protocol_error},
      {"length in eight bytes that fits in two", masked(0x81, std::string(200, 'a'), 8), WebSocketClose::protocol_error},
      {"close with one byte", masked(0x88, "a"), WebSocketClose::protocol_error},
      {"close with a code that nobody sends", masked(0x88, std::string("\x03\xED", 2)), WebSocketClose::protocol_error},
      {"text that is no UTF-8", masked(0x81, "\xff"), WebSocketClose::not_utf8},
      {"message over the limit", masked(0x82, std::string(70'001, 'a')), WebSocketClose::too_large},
      {"fragments over the limit", masked(0x02, std::string(70'000, 'a')) + masked(0x80, "a"), WebSocketClose::too_large},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    for (const std::size_t step : {std::size_t{1}, SIZE_MAX}) {
      const Reading reading(row.bytes, step);
      CHECK_FALSE(reading.open);
      CHECK(reading.reader.problem() == row.code);
      CHECK(reading.events.empty());
    }
  }
}

TEST_CASE("a close frame ends the stream in order, and nothing behind it is read") {
  const Reading reading(masked(0x88, std::string("\x03\xE8"
                                                 "bye",
                                                 5)) +
                        masked(0x81, "late"));
  CHECK_FALSE(reading.open);
  REQUIRE(reading.events.size() == 1);
  CHECK(reading.events[0].code == 1000);
  CHECK(reading.events[0].data == "bye");
  CHECK(reading.reader.problem() == WebSocketClose::normal);
  CHECK(Reading(masked(0x88, "")).events.at(0).code == 0);
}

TEST_CASE("random bytes never yield a message over the limit") {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 64, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    const Reading reading(bytes, 1 + random() % 8, 16);
    for (const auto& event : reading.events)
      REQUIRE(event.data.size() <= (event.kind == Kind::ping || event.kind == Kind::close ? 125U : 16U));
  }
}

TEST_CASE("heads of frames are written in their shortest form") {
  std::string out;
  append_frame_head(out, WebSocketOpcode::binary, 125);
  append_frame_head(out, WebSocketOpcode::text, 126);
  append_frame_head(out, WebSocketOpcode::pong, 65536);
  append_frame_head(out, WebSocketOpcode::close, 5);
  append_close_payload(out, WebSocketClose::going_away, "bye");
  CHECK(out == std::string("\x82\x7d\x81\x7e\x00\x7e\x8a\x7f\x00\x00\x00\x00\x00\x01\x00\x00\x88\x05\x03\xE9"
                           "bye",
                           23));
}

}  // namespace
}  // namespace driftstack::kernel

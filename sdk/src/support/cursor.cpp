#include "driftstack/support/cursor.hpp"

#include <stdexcept>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::cursor_detail {
namespace {

// A cursor is base64url(version, 8 bytes of time, id, 32 bytes of MAC).
constexpr char kVersion = 1;
constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kHeadBytes = 1 + kTimeBytes;
constexpr std::string_view kPurpose = "driftstack cursor";  // keeps this MAC apart from every other use of the key

void append_big_endian(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(static_cast<unsigned char>(value >> shift));
}

std::string_view bytes_of(const CursorMac& mac) noexcept { return {reinterpret_cast<const char*>(mac.data()), mac.size()}; }

}  // namespace

std::string cursor_payload(const CursorPosition& position) {
  if (position.id.size() > kMaxCursorIdLength) throw std::length_error("a cursor holds an id of at most 256 bytes");
  std::string payload(1, kVersion);
  append_big_endian(payload, static_cast<std::uint64_t>(position.micros));
  payload += position.id;
  return payload;
}

std::string cursor_message(std::string_view payload, std::string_view context) {
  // The length before the context keeps its end and the payload's start apart.
  std::string message(kPurpose);
  append_big_endian(message, context.size());
  message += context;
  message += payload;
  return message;
}

std::string finish_cursor(std::string payload, const CursorMac& mac) {
  payload += bytes_of(mac);
  return base64url_encode(payload);
}

std::optional<SplitCursor> split_cursor(std::string_view cursor) {
  constexpr std::size_t kMostText = (kHeadBytes + kMaxCursorIdLength + CursorMac().size() + 2) / 3 * 4;
  if (cursor.size() > kMostText) return std::nullopt;
  std::optional<std::string> bytes = base64url_decode(cursor);
  if (!bytes || bytes->size() < kHeadBytes + CursorMac().size() || bytes->front() != kVersion) return std::nullopt;
  const std::size_t payload = bytes->size() - CursorMac().size();
  return SplitCursor{bytes->substr(0, payload), bytes->substr(payload)};
}

std::optional<CursorPosition> accept_cursor(const SplitCursor& cursor, const CursorMac& mac) {
  if (!constant_time_equal(cursor.mac, bytes_of(mac))) return std::nullopt;
  std::uint64_t micros = 0;
  for (std::size_t i = 1; i < kHeadBytes; ++i) micros = micros << 8 | static_cast<unsigned char>(cursor.payload[i]);
  return CursorPosition{static_cast<std::int64_t>(micros), cursor.payload.substr(kHeadBytes)};
}

}  // namespace driftstack::cursor_detail

/// Cursors: where a list goes on, sealed so that a client can only send back what it was given.
///
/// Purpose: a keyset position (time and id of the last row) as base64url text with a MAC over the position and its context. The context
/// names account, route and filters, so a cursor of another list does not open. Thread: as the MAC. Errors: any change opens to nothing.
///
///     auto mac = [&](std::string_view message) { return secrets.mac("cursor", message); };      // 32 bytes
///     page.continue_at(seal_cursor({last.created_at, last.id}, context, mac));
///     std::optional<CursorPosition> from = open_cursor(*asked.cursor, context, mac);
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace driftstack {

inline constexpr std::size_t kMaxCursorIdLength = 256;  // bytes; the sealed text stays within 512 characters

/// The row after which a list goes on.
struct CursorPosition {
  std::int64_t micros = 0;
  std::string id;
  friend bool operator==(const CursorPosition&, const CursorPosition&) = default;
};

using CursorMac = std::array<std::byte, 32>;  // HMAC-SHA-256

template <class F>
concept CursorMacFunction = std::is_invocable_r_v<CursorMac, F&, std::string_view>;

namespace cursor_detail {  // not `detail`: that name is also one in the inline namespace v1 of the SDK
[[nodiscard]] std::string cursor_payload(const CursorPosition& position);
[[nodiscard]] std::string cursor_message(std::string_view payload, std::string_view context);
[[nodiscard]] std::string finish_cursor(std::string payload, const CursorMac& mac);
/// Splits a cursor into its payload and MAC; nothing if it cannot be one.
struct SplitCursor {
  std::string payload;
  std::string mac;
};
[[nodiscard]] std::optional<SplitCursor> split_cursor(std::string_view cursor);
[[nodiscard]] std::optional<CursorPosition> accept_cursor(const SplitCursor& cursor, const CursorMac& mac);
}  // namespace cursor_detail

/// The text of a cursor. An id longer than `kMaxCursorIdLength` is a bug of the caller and throws std::length_error.
template <CursorMacFunction F>
[[nodiscard]] std::string seal_cursor(const CursorPosition& position, std::string_view context, F&& mac) {
  std::string payload = cursor_detail::cursor_payload(position);
  const CursorMac tag = mac(std::string_view(cursor_detail::cursor_message(payload, context)));
  return cursor_detail::finish_cursor(std::move(payload), tag);
}

/// The position in a cursor that was sealed with the same context and key; nothing for any other text.
template <CursorMacFunction F>
[[nodiscard]] std::optional<CursorPosition> open_cursor(std::string_view cursor, std::string_view context, F&& mac) {
  const std::optional<cursor_detail::SplitCursor> split = cursor_detail::split_cursor(cursor);
  if (!split) return std::nullopt;
  const CursorMac tag = mac(std::string_view(cursor_detail::cursor_message(split->payload, context)));
  return cursor_detail::accept_cursor(*split, tag);
}

}  // namespace driftstack

/// A 128-bit identifier (RFC 9562): the value behind every public id.
///
/// Purpose: one trivially copyable type that crosses the plugin boundary by value, with the strict lower-case text form.
/// Thread: [any-thread]. Errors: only `from_text` can fail, and it answers nothing then. Allocation: none.
///
///     std::optional<Uuid> id = Uuid::from_text("3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11");
///     char text[Uuid::kTextLength];
///     id->to_text(text);                           // writes exactly 36 characters, no terminator
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace driftstack {

class Uuid {
 public:
  static constexpr std::size_t kSize = 16;        // bytes, RFC 9562 section 4
  static constexpr std::size_t kTextLength = 36;  // 32 digits and 4 dashes, RFC 9562 section 4
  using Bytes = std::array<std::uint8_t, kSize>;

  /// The nil UUID: all bits zero. It stands for "none" and is never handed out.
  constexpr Uuid() noexcept = default;
  /// Takes the bytes in the order in which the text form shows them (network order).
  constexpr explicit Uuid(const Bytes& bytes) noexcept : bytes_(bytes) {}

  /// Reads exactly `8-4-4-4-12` lower-case hexadecimal digits. Upper case, braces and missing dashes are refused, so that
  /// one id has one spelling. Any version is accepted.
  static constexpr std::optional<Uuid> from_text(std::string_view text) noexcept {
    if (text.size() != kTextLength) return std::nullopt;
    Bytes bytes{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
      if (dash_before(i) && text[at++] != '-') return std::nullopt;
      const int high = digit(text[at]);
      const int low = digit(text[at + 1]);
      if (high < 0 || low < 0) return std::nullopt;
      bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
      at += 2;
    }
    return Uuid(bytes);
  }

  /// Makes a version 4 UUID of sixteen random bytes: sets the version and variant bits, keeps the other 122 (RFC 9562 section 5.4).
  static constexpr Uuid from_random_bytes(Bytes bytes) noexcept {
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
    return Uuid(bytes);
  }

  /// Writes exactly `kTextLength` characters to `out`, without a terminator. The caller owns the room.
  constexpr void to_text(char* out) const noexcept {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::size_t i = 0; i < kSize; ++i) {
      if (dash_before(i)) *out++ = '-';
      *out++ = kDigits[bytes_[i] >> 4];
      *out++ = kDigits[bytes_[i] & 0x0F];
    }
  }

  [[nodiscard]] std::string to_text() const {
    std::string text(kTextLength, '\0');
    to_text(text.data());
    return text;
  }

  // What makes it a wire text type.
  static constexpr std::string_view kFormat = "uuid";
  static constexpr std::string_view kExpected = "a lower-case UUID";
  void append_text(std::string& out) const {
    const std::size_t before = out.size();
    out.resize(before + kTextLength);
    to_text(out.data() + before);
  }

  [[nodiscard]] constexpr const Bytes& bytes() const noexcept { return bytes_; }
  [[nodiscard]] constexpr bool is_nil() const noexcept { return bytes_ == Bytes{}; }

  /// Byte order, which is also the order of the text forms.
  friend constexpr auto operator<=>(const Uuid&, const Uuid&) noexcept = default;
  friend constexpr bool operator==(const Uuid&, const Uuid&) noexcept = default;

 private:
  static constexpr bool dash_before(std::size_t byte) noexcept { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

  static constexpr int digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  }

  Bytes bytes_{};
};

// The layout is part of the plugin boundary.
static_assert(sizeof(Uuid) == Uuid::kSize && alignof(Uuid) == 1);
static_assert(std::is_trivially_copyable_v<Uuid> && std::is_standard_layout_v<Uuid>);

}  // namespace driftstack

template <>
struct std::hash<driftstack::Uuid> {
  /// Folds both halves: ids are random, so their bits need no further mixing. Not for ids chosen by an attacker.
  std::size_t operator()(const driftstack::Uuid& id) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, id.bytes().data(), sizeof halves);
    return static_cast<std::size_t>(halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15U));  // odd constant: 2^64 / golden ratio
  }
};

/// The strict JSON scanner: text in, flat tokens out. Private to the support library.
///
/// One pass decides whether a text is JSON at all; shapes and raw values are then read from the tokens. A token of a string points into the
/// body when it holds no escape, else into the tape's arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/support/json.hpp"

namespace driftstack::wire::detail {

struct Token {
  JsonKind kind = JsonKind::null;
  bool in_arena = false;    // a string that had escapes
  bool truth = false;       // the value of a boolean
  std::uint32_t start = 0;  // first byte of the string's content or the number
  std::uint32_t size = 0;   // bytes of a string or number; members of an object, items of an array
  std::uint32_t next = 0;   // index of the token after this value and all that it holds
};

/// What is wrong with a text that is not strict JSON.
enum class ScanFault : std::uint8_t {
  none,
  empty,
  too_large,
  syntax,
  bad_utf8,
  nul_character,
  control_character,
  bad_escape,
  lone_surrogate,
  bad_number,
  number_range,
  too_deep,
  too_many_tokens,
  duplicate_key,
  trailing_bytes,
};

[[nodiscard]] std::string_view scan_fault_text(ScanFault fault) noexcept;

/// Tokens of one document. An object is followed by key, value, key, value; an array by its items.
class Tape {
 public:
  /// Scans the whole body. The body must outlive the tape.
  [[nodiscard]] ScanFault scan(std::string_view body);

  [[nodiscard]] const Token& operator[](std::uint32_t i) const noexcept { return tokens_[i]; }
  /// The decoded content of a string, or the spelling of a number.
  [[nodiscard]] std::string_view text(const Token& token) const noexcept {
    return std::string_view(token.in_arena ? std::string_view(arena_) : body_).substr(token.start, token.size);
  }
  /// Where scanning stopped, in bytes.
  [[nodiscard]] std::size_t fault_offset() const noexcept { return fault_offset_; }

  /// A tape of one string, number or boolean that did not come from JSON (a query parameter). `text` must outlive the tape.
  void hold(JsonKind kind, std::string_view text, bool truth = false);

 private:
  friend class Scanner;
  std::string_view body_;
  std::vector<Token> tokens_;
  std::string arena_;
  std::size_t fault_offset_ = 0;
};

/// Whether `text` is one JSON number (RFC 8259 section 6) of allowed length.
[[nodiscard]] bool is_json_number(std::string_view text) noexcept;

/// What a number is as an integer.
struct Integer {
  enum class Kind : std::uint8_t { fits, fraction, too_small, too_big } kind = Kind::fits;
  std::int64_t value = 0;            // when it fits int64
  std::uint64_t unsigned_value = 0;  // when it fits uint64
};
enum class IntegerSet : std::uint8_t { int64, uint64 };
/// Exact for every valid number: `1.0` and `1e2` are integers, `1.5` is not.
[[nodiscard]] Integer integer_of(std::string_view number, IntegerSet set) noexcept;
/// The nearest double; the number must be valid and in range.
[[nodiscard]] double double_of(std::string_view number) noexcept;

/// Decodes the escape at `text[0] == '\\'` and appends it. Returns the bytes it took, or 0 and the fault.
[[nodiscard]] std::size_t decode_escape(std::string_view text, std::string& out, ScanFault& fault);

/// Whether `text` stands for itself between quotes.
[[nodiscard]] bool is_plain_json_text(std::string_view text) noexcept;

/// Appends the value at `index` as compact text.
void append_compact(const Tape& tape, std::uint32_t index, std::string& out);

}  // namespace driftstack::wire::detail

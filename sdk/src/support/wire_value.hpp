/// Numbers and enumerators behind erased pointers. Private to the support library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "driftstack/support/wire_type.hpp"

#include "json_tape.hpp"

namespace driftstack::wire::detail {

/// Inclusive bounds of an integer member: its width cut down by its rules. The signed or the unsigned pair counts.
struct IntegerRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::uint64_t unsigned_low = 0;
  std::uint64_t unsigned_high = 0;

  [[nodiscard]] std::string low_text(bool is_signed) const { return is_signed ? std::to_string(low) : std::to_string(unsigned_low); }
  [[nodiscard]] std::string high_text(bool is_signed) const { return is_signed ? std::to_string(high) : std::to_string(unsigned_high); }
};
[[nodiscard]] IntegerRange range_of(const Type& type, const Rules& rules) noexcept;

/// The bits of an integer or enumeration member, sign extended.
[[nodiscard]] std::uint64_t load_integer(const Type& type, const void* from) noexcept;
void store_integer(const Type& type, void* to, std::uint64_t bits) noexcept;

/// The shortest text that reads back as the same number; `null` if it is not finite.
[[nodiscard]] std::string number_text(double number);
void append_number(std::string& out, double number);

/// Reads the value that `tape` holds into one field of `object` (a query parameter).
void read_parameter(const Field& field, void* object, const Tape& tape, Issues& issues);
/// Reports each required field whose bit is not in `seen`.
void report_missing(const Type& type, std::uint64_t seen, Issues& issues);

}  // namespace driftstack::wire::detail

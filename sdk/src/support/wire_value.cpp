#include "wire_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "driftstack/support/wire.hpp"

namespace driftstack::wire::detail {
namespace {

constexpr std::size_t kDoubleText = 32;  // the longest shortest form of a double is 24 characters

template <class I>
std::uint64_t load(const void* from) noexcept {
  I value;
  std::memcpy(&value, from, sizeof value);
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

template <class I>
void store(void* to, std::uint64_t bits) noexcept {
  const auto value = static_cast<I>(bits);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace

IntegerRange range_of(const Type& type, const Rules& rules) noexcept {
  const int bits = type.width * 8;
  IntegerRange range;
  if (type.is_signed) {
    const std::int64_t most = std::numeric_limits<std::int64_t>::max() >> (64 - bits);
    range.low = std::max(rules.low, -most - 1);
    range.high = std::min(rules.high, most);
    return range;
  }
  range.unsigned_low = static_cast<std::uint64_t>(std::max<std::int64_t>(rules.low, 0));
  range.unsigned_high = std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
  if (rules.has_high())
    range.unsigned_high = std::min(range.unsigned_high, static_cast<std::uint64_t>(std::max<std::int64_t>(rules.high, 0)));
  return range;
}

std::uint64_t load_integer(const Type& type, const void* from) noexcept {
  switch (type.width) {
    case 1:
      return type.is_signed ? load<std::int8_t>(from) : load<std::uint8_t>(from);
    case 2:
      return type.is_signed ? load<std::int16_t>(from) : load<std::uint16_t>(from);
    case 4:
      return type.is_signed ? load<std::int32_t>(from) : load<std::uint32_t>(from);
    default:
      return load<std::uint64_t>(from);
  }
}

void store_integer(const Type& type, void* to, std::uint64_t bits) noexcept {
  switch (type.width) {
    case 1:
      return store<std::uint8_t>(to, bits);
    case 2:
      return store<std::uint16_t>(to, bits);
    case 4:
      return store<std::uint32_t>(to, bits);
    default:
      return store<std::uint64_t>(to, bits);
  }
}

void append_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char text[kDoubleText];
  const auto [end, error] = std::to_chars(text, text + kDoubleText, number);
  out.append(text, end);
}

std::string number_text(double number) {
  std::string out;
  append_number(out, number);
  return out;
}

std::string_view enum_text(std::span<const EnumName> names, std::int64_t value) noexcept {
  for (const EnumName& name : names) {
    if (name.value == value) return name.text;
  }
  return {};
}

std::optional<std::int64_t> enum_value(std::span<const EnumName> names, std::string_view text) noexcept {
  for (const EnumName& name : names) {
    if (name.text == text) return name.value;
  }
  return std::nullopt;
}

}  // namespace driftstack::wire::detail

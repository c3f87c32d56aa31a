#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "json_tape.hpp"

namespace driftstack::wire::detail {
namespace {

// A number as digits times a power of ten, without zeros at either end of the digits.
struct Decimal {
  bool negative = false;
  std::array<char, kMaxJsonNumberLength> digits{};
  std::size_t size = 0;
  std::int64_t exponent = 0;  // of the last digit
};

constexpr std::int64_t kExponentLimit = 1'000'000;  // far beyond any double; keeps the sums from overflowing

std::int64_t exponent_of(std::string_view text) noexcept {
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), kExponentLimit);
  return negative ? -value : value;
}

Decimal decimal_of(std::string_view number) noexcept {
  Decimal d;
  if (number[0] == '-') {
    d.negative = true;
    number.remove_prefix(1);
  }
  const std::size_t e = number.find_first_of("eE");
  if (e != std::string_view::npos) d.exponent = exponent_of(number.substr(e + 1));
  bool in_fraction = false;
  for (const char c : number.substr(0, e)) {
    if (c == '.') {
      in_fraction = true;
      continue;
    }
    if (in_fraction) --d.exponent;
    if (d.size != 0 || c != '0') d.digits[d.size++] = c;
  }
  while (d.size != 0 && d.digits[d.size - 1] == '0') {
    --d.size;
    ++d.exponent;
  }
  if (d.size == 0) d.exponent = 0;
  return d;
}

Integer out_of_range(bool negative) noexcept {
  Integer result;
  result.kind = negative ? Integer::Kind::too_small : Integer::Kind::too_big;
  return result;
}

// Reads plain digits with an optional minus.
Integer plain_integer(std::string_view text, IntegerSet set) noexcept {
  Integer result;
  const char* const end = text.data() + text.size();
  const bool negative = text[0] == '-';
  if (set == IntegerSet::int64) {
    if (std::from_chars(text.data(), end, result.value).ec != std::errc()) return out_of_range(negative);
    return result;
  }
  if (negative) {
    // Only minus zero is an unsigned number.
    if (text.find_first_not_of("-0") != std::string_view::npos) return out_of_range(true);
    return result;
  }
  if (std::from_chars(text.data(), end, result.unsigned_value).ec != std::errc()) return out_of_range(false);
  return result;
}

}  // namespace

bool is_json_number(std::string_view text) noexcept {
  if (text.size() > kMaxJsonNumberLength) return false;
  Tape tape;
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) && text.back() >= '0' && text.back() <= '9' &&
         tape.scan(text) == ScanFault::none;
}

Integer integer_of(std::string_view number, IntegerSet set) noexcept {
  if (number.find_first_of(".eE") == std::string_view::npos) return plain_integer(number, set);
  const Decimal d = decimal_of(number);
  if (d.exponent < 0) {
    Integer result;
    result.kind = Integer::Kind::fraction;
    return result;
  }
  constexpr std::int64_t kMostDigits = std::numeric_limits<std::uint64_t>::digits10 + 1;
  const std::int64_t length = static_cast<std::int64_t>(d.size) + d.exponent;
  if (d.size != 0 && length > kMostDigits) return out_of_range(d.negative);
  if (d.size == 0) return Integer{};
  std::array<char, 1 + kMostDigits> plain{};
  char* end = plain.data();
  if (d.negative) *end++ = '-';
  end = std::copy_n(d.digits.data(), d.size, end);
  end = std::fill_n(end, d.exponent, '0');
  return plain_integer(std::string_view(plain.data(), static_cast<std::size_t>(end - plain.data())), set);
}

double double_of(std::string_view number) noexcept {
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error == std::errc()) return value;
  // Out of range in one of two directions: the place of the first digit tells which.
  const Decimal d = decimal_of(number);
  if (static_cast<std::int64_t>(d.size) + d.exponent <= 0) return d.negative ? -0.0 : 0.0;
  return d.negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

}  // namespace driftstack::wire::detail

#include "driftstack/support/timestamp.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace driftstack {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kMicroDigits = 6;

// Reads fixed texts from the front; after a failure nothing matches any more.
class Cursor {
 public:
  explicit Cursor(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] bool next_is(std::string_view any) const noexcept {
    return ok_ && !rest_.empty() && any.find(rest_[0]) != std::string_view::npos;
  }

  char take(std::string_view any) noexcept {
    if (!next_is(any)) {
      ok_ = false;
      return '\0';
    }
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }

  int digits(std::size_t count) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value * 10 + digit();
    return value;
  }

  int digit() noexcept {
    const char c = take("0123456789");
    return ok_ ? c - '0' : 0;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<std::chrono::sys_days> read_date(Cursor& cursor) noexcept {
  const int year = cursor.digits(4);
  cursor.take("-");
  const int month = cursor.digits(2);
  cursor.take("-");
  const int day = cursor.digits(2);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!cursor.ok() || year == 0 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

microseconds read_fraction(Cursor& cursor) noexcept {
  std::int64_t micros = cursor.digit();  // at least one digit
  std::size_t read = 1;
  for (; cursor.next_is("0123456789"); ++read) {
    const int digit = cursor.digit();
    if (read < kMicroDigits) micros = micros * 10 + digit;
  }
  for (; read < kMicroDigits; ++read) micros *= 10;
  return microseconds(micros);
}

// The time of day, or nothing if it does not exist.
std::optional<microseconds> read_time(Cursor& cursor) noexcept {
  const int hours = cursor.digits(2);
  cursor.take(":");
  const int minutes = cursor.digits(2);
  int seconds = 0;
  microseconds fraction{0};
  if (cursor.next_is(":")) {
    cursor.take(":");
    seconds = cursor.digits(2);
    if (cursor.next_is(".")) {
      cursor.take(".");
      fraction = read_fraction(cursor);
    }
  }
  if (!cursor.ok() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  return std::chrono::hours(hours) + std::chrono::minutes(minutes) + std::chrono::seconds(seconds) + fraction;
}

std::optional<microseconds> read_offset(Cursor& cursor) noexcept {
  const char sign = cursor.take("Zz+-");
  if (!cursor.ok()) return std::nullopt;
  if (sign == 'Z' || sign == 'z') return microseconds(0);
  const int hours = cursor.digits(2);
  int minutes = 0;
  if (!cursor.at_end()) {
    if (cursor.next_is(":")) cursor.take(":");
    minutes = cursor.digits(2);
  }
  if (!cursor.ok() || hours > 23 || minutes > 59) return std::nullopt;
  const std::chrono::minutes offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return sign == '-' ? -offset : offset;
}

void put(char*& to, unsigned value, std::size_t digits) noexcept {
  for (std::size_t i = digits; i > 0; --i) {
    to[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  to += digits;
}

}  // namespace

std::optional<Timestamp> Timestamp::from_text(std::string_view text) noexcept {
  Cursor cursor(text);
  const auto date = read_date(cursor);
  if (!date) return std::nullopt;
  cursor.take("Tt");
  const auto time = read_time(cursor);
  if (!time) return std::nullopt;
  const auto offset = read_offset(cursor);
  if (!offset || !cursor.at_end()) return std::nullopt;
  const std::int64_t micros = (microseconds(date->time_since_epoch()) + *time - *offset).count();
  if (micros < kEarliestMicros || micros > kLatestMicros) return std::nullopt;
  return Timestamp(micros);
}

std::optional<Timestamp> Timestamp::from_date(std::string_view text) noexcept {
  Cursor cursor(text);
  const auto date = read_date(cursor);
  if (!date || !cursor.at_end()) return std::nullopt;
  return Timestamp(microseconds(date->time_since_epoch()).count());
}

void Timestamp::append_text(std::string& out) const {
  const std::chrono::sys_time<microseconds> moment{microseconds(std::clamp(micros_, kEarliestMicros, kLatestMicros))};
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::milliseconds>(moment - day));
  std::array<char, 24> text{};  // 2026-05-09T22:30:00.000Z
  char* to = text.data();
  const auto part = [&](auto value, std::size_t digits, char after) {
    put(to, static_cast<unsigned>(value), digits);
    *to++ = after;
  };
  part(static_cast<int>(date.year()), 4, '-');
  part(static_cast<unsigned>(date.month()), 2, '-');
  part(static_cast<unsigned>(date.day()), 2, 'T');
  part(time.hours().count(), 2, ':');
  part(time.minutes().count(), 2, ':');
  part(time.seconds().count(), 2, '.');
  part(time.subseconds().count(), 3, 'Z');
  out.append(text.data(), text.size());
}

std::string Timestamp::to_text() const {
  std::string text;
  append_text(text);
  return text;
}

}  // namespace driftstack

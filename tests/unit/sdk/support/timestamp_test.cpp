#include <catch2/catch.hpp>

#include "driftstack/support/timestamp.hpp"

using driftstack::Timestamp;

namespace {

// The text in UTC with its microseconds, or "refused".
std::string read(std::string_view text) {
  const auto moment = Timestamp::from_text(text);
  if (!moment) return "refused";
  return moment->to_text() + " " + std::to_string(moment->micros() % 1000 < 0 ? moment->micros() % 1000 + 1000 : moment->micros() % 1000);
}

struct Row {
  std::string text, want;
};

}  // namespace

TEST_CASE("times with any offset are read, everything doubtful is refused") {
  const auto row = GENERATE(values<Row>({
      {"2026-05-09T22:30:00.000Z", "2026-05-09T22:30:00.000Z 0"},
      {"2026-05-09T22:30:00Z", "2026-05-09T22:30:00.000Z 0"},
      {"2026-05-09T22:30Z", "2026-05-09T22:30:00.000Z 0"},
      {"2026-05-09t22:30:00z", "2026-05-09T22:30:00.000Z 0"},
      {"2026-05-09T22:30:00.5Z", "2026-05-09T22:30:00.500Z 0"},
      {"2026-05-09T22:30:00.123456Z", "2026-05-09T22:30:00.123Z 456"},
      {"2026-05-09T22:30:00.123456999Z", "2026-05-09T22:30:00.123Z 456"},
      {"2026-05-09T22:30:00+02:00", "2026-05-09T20:30:00.000Z 0"},
      {"2026-05-09T22:30:00-0930", "2026-05-10T08:00:00.000Z 0"},
      {"2026-05-09T22:30:00+05", "2026-05-09T17:30:00.000Z 0"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z 0"},
      {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999Z 999"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z 0"},
      {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999Z 999"},
      {"", "refused"},
      {"2026-05-09", "refused"},
      {"2026-05-09T22:30:00", "refused"},
      {"2026-05-09 22:30:00Z", "refused"},
      {"2026-5-9T22:30:00Z", "refused"},
      {"2025-02-29T00:00:00Z", "refused"},
      {"2026-13-01T00:00:00Z", "refused"},
      {"2026-00-01T00:00:00Z", "refused"},
      {"2026-04-31T00:00:00Z", "refused"},
      {"2026-05-09T24:00:00Z", "refused"},
      {"2026-05-09T22:60:00Z", "refused"},
      {"2026-05-09T22:30:60Z", "refused"},
      {"2026-05-09T22Z", "refused"},
      {"2026-05-09T22:30:00.Z", "refused"},
      {"2026-05-09T22:30:00,5Z", "refused"},
      {"2026-05-09T22:30:00ZZ", "refused"},
      {"2026-05-09T22:30:00+2", "refused"},
      {"2026-05-09T22:30:00+24:00", "refused"},
      {"2026-05-09T22:30:00+02:60", "refused"},
      {"2026-05-09T22:30:00+02:", "refused"},
      {"2026-05-09T22:30:00 02:00", "refused"},
      {"0000-01-01T00:00:00Z", "refused"},
      {"0001-01-01T00:00:00+01:00", "refused"},
      {"9999-12-31T23:59:59-01:00", "refused"},
      {"+026-05-09T22:30:00Z", "refused"},
      {"20260509T223000Z", "refused"},
  }));
  INFO(row.text);
  CHECK(read(row.text) == row.want);
}

TEST_CASE("a time is written in UTC with milliseconds") {
  CHECK(Timestamp().to_text() == "1970-01-01T00:00:00.000Z");
  CHECK(Timestamp::from_micros(-1).to_text() == "1969-12-31T23:59:59.999Z");
  CHECK(Timestamp::from_micros(1'778'365'800'123'999).to_text() == "2026-05-09T22:30:00.123Z");
}

TEST_CASE("a moment outside the years 1 to 9999 is shown as the end of the range") {
  CHECK(Timestamp::from_micros(INT64_MAX).to_text() == "9999-12-31T23:59:59.999Z");
  CHECK(Timestamp::from_micros(INT64_MIN).to_text() == "0001-01-01T00:00:00.000Z");
}

TEST_CASE("a bare date is read as its first moment in UTC, by its own function only") {
  CHECK(Timestamp::from_date("2026-05-09")->to_text() == "2026-05-09T00:00:00.000Z");
  CHECK_FALSE(Timestamp::from_date("2026-02-30").has_value());
  CHECK_FALSE(Timestamp::from_date("0000-01-01").has_value());
  CHECK_FALSE(Timestamp::from_date("2026-05-09T00:00:00Z").has_value());
  CHECK_FALSE(Timestamp::from_date("2026-05").has_value());
}

TEST_CASE("every day of four centuries is written and read back") {
  constexpr std::int64_t kDay = 86'400'000'000;
  bool all = true;
  std::string before;
  for (std::int64_t day = -73'000; day < 73'100; ++day) {
    const Timestamp moment = Timestamp::from_micros(day * kDay);
    const std::string text = moment.to_text();
    all = all && Timestamp::from_text(text) == moment && before < text;
    before = text;
  }
  CHECK(all);
}

/// Moments in time as they travel: ISO 8601 text outside, microseconds since 1970-01-01 UTC inside.
///
/// Purpose: one spelling out (`2026-05-09T22:30:00.000Z`), any offset in. A wire text type. Time itself comes from the host's clock.
/// Thread: [any-thread]. Units: microseconds. Errors: `from_text` answers nothing.
///
///     Timestamp created = Timestamp::from_micros(host.clock().unix_micros());
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace driftstack {

class Timestamp {
 public:
  // Years 1 to 9999, the range of the text form.
  static constexpr std::int64_t kEarliestMicros = -62'135'596'800'000'000;  // 0001-01-01T00:00:00Z
  static constexpr std::int64_t kLatestMicros = 253'402'300'799'999'999;    // 9999-12-31T23:59:59.999999Z

  /// The epoch.
  constexpr Timestamp() noexcept = default;
  [[nodiscard]] static constexpr Timestamp from_micros(std::int64_t micros) noexcept { return Timestamp(micros); }

  /// Reads `YYYY-MM-DDThh:mm[:ss[.fraction]]` and `Z` or an offset `±hh[:mm]`. Digits after the sixth of a fraction are cut. A missing
  /// offset, a leap second and a day that does not exist are refused.
  [[nodiscard]] static std::optional<Timestamp> from_text(std::string_view text) noexcept;
  /// Reads `YYYY-MM-DD` as that day's first moment in UTC. Only where a filter allows a bare date.
  [[nodiscard]] static std::optional<Timestamp> from_date(std::string_view text) noexcept;

  /// Appends UTC with milliseconds and `Z`; microseconds below are cut. Moments outside the range are shown as its ends.
  void append_text(std::string& out) const;
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] constexpr std::int64_t micros() const noexcept { return micros_; }

  friend constexpr auto operator<=>(const Timestamp&, const Timestamp&) noexcept = default;

  static constexpr std::string_view kFormat = "date-time";
  static constexpr std::string_view kExpected = "an ISO 8601 time with an offset, such as 2026-05-09T22:30:00.000Z";

 private:
  constexpr explicit Timestamp(std::int64_t micros) noexcept : micros_(micros) {}
  std::int64_t micros_ = 0;
};

}  // namespace driftstack

#pragma once
// Time-based one-time passwords (RFC 6238): the seed, its codes, and how an authenticator app is told.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace driftstack::mfa_totp {

// identity.md 4.1
inline constexpr std::size_t kSeedSize = 20;
inline constexpr unsigned kDigits = 6;
inline constexpr std::int64_t kPeriodSeconds = 30;
inline constexpr std::int64_t kDrift = 1;  // steps before and after the present one

/// The number of a period of 30 seconds since 1970.
using Step = std::int64_t;

/// The secret that app and server share. Wipes itself.
class Seed {
 public:
  /// A fresh one.
  static Seed random();
  /// Nothing unless it has the right size.
  static std::optional<Seed> from_bytes(std::string_view bytes);
  Seed(const Seed&) = default;
  Seed& operator=(const Seed&) = default;
  ~Seed();

  std::string_view bytes() const noexcept { return {bytes_.data(), bytes_.size()}; }
  /// 32 characters without padding, as a person types it.
  std::string base32() const;

 private:
  Seed() = default;
  std::array<char, kSeedSize> bytes_{};
};

/// `now` in unix microseconds.
Step step_at(std::int64_t now) noexcept;
/// The six digits of a step.
std::string code_of(const Seed& seed, Step step);
/// The latest step around `now` that has this code; as many comparisons for a wrong code as for a right one.
std::optional<Step> matching_step(const Seed& seed, std::string_view code, std::int64_t now);

/// What the QR code of an enrolment holds (Key Uri Format): `otpauth://totp/Driftstack:you@example.com?secret=...`.
std::string otpauth_uri(const Seed& seed, std::string_view issuer, std::string_view email);

}  // namespace driftstack::mfa_totp

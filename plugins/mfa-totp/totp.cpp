#include "totp.hpp"

#include <liboath/oath.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <span>
#include <stdexcept>

#include "driftstack/support/random_bytes.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::mfa_totp {
namespace {

/// liboath's one-time set-up.
void initialise() {
  static const int outcome = oath_init();
  if (outcome != OATH_OK) throw std::runtime_error("liboath does not start");
}

constexpr bool is_unreserved(char c) noexcept {  // RFC 3986 section 2.3
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

/// Percent-encodes; `@` may stand in a path and is easier to read as itself.
std::string encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || c == '@') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

}  // namespace

Seed Seed::random() {
  Seed seed;
  fill_random(std::as_writable_bytes(std::span(seed.bytes_)));
  return seed;
}

std::optional<Seed> Seed::from_bytes(std::string_view bytes) {
  if (bytes.size() != kSeedSize) return std::nullopt;
  Seed seed;
  std::copy(bytes.begin(), bytes.end(), seed.bytes_.begin());
  return seed;
}

Seed::~Seed() { wipe(bytes_.data(), bytes_.size()); }

std::string Seed::base32() const {
  initialise();
  char* text = nullptr;
  std::size_t size = 0;
  if (oath_base32_encode(bytes_.data(), bytes_.size(), &text, &size) != OATH_OK) throw std::bad_alloc();
  const std::unique_ptr<char, decltype(&std::free)> owned(text, &std::free);
  std::string out(text, size);  // 20 bytes are 32 characters exactly, so there is no padding
  wipe(text, size);
  return out;
}

Step step_at(std::int64_t now) noexcept {
  constexpr std::int64_t kPeriodMicros = kPeriodSeconds * 1'000'000;
  return now / kPeriodMicros;
}

std::string code_of(const Seed& seed, Step step) {
  initialise();
  std::array<char, kDigits + 1> code{};
  const std::string_view bytes = seed.bytes();
  const int outcome = oath_hotp_generate(bytes.data(), bytes.size(), static_cast<std::uint64_t>(step), kDigits, false,
                                         OATH_HOTP_DYNAMIC_TRUNCATION, code.data());
  if (outcome != OATH_OK) throw std::runtime_error(oath_strerror(outcome));
  return std::string(code.data(), kDigits);
}

std::optional<Step> matching_step(const Seed& seed, std::string_view code, std::int64_t now) {
  const Step present = step_at(now);
  std::optional<Step> found;
  for (Step step = present - kDrift; step <= present + kDrift; ++step) {
    if (constant_time_equal(code_of(seed, step), code)) found = step;
  }
  return found;
}

std::string otpauth_uri(const Seed& seed, std::string_view issuer, std::string_view email) {
  return "otpauth://totp/" + encoded(issuer) + ":" + encoded(email) + "?secret=" + seed.base32() + "&issuer=" + encoded(issuer) +
         "&algorithm=SHA1&digits=" + std::to_string(kDigits) + "&period=" + std::to_string(kPeriodSeconds);
}

}  // namespace driftstack::mfa_totp

// Codes against the RFC and against another program. identity.md 4.1.

#include "plugins/mfa-totp/totp.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>
#include <string>

namespace driftstack::mfa_totp {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

Seed rfc_seed() { return *Seed::from_bytes("12345678901234567890"); }  // RFC 6238 appendix B

std::string oathtool(const Seed& seed, std::int64_t seconds) {
  const std::string command = "oathtool --totp -b " + seed.base32() + " -N '@" + std::to_string(seconds) + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  std::array<char, 64> line{};
  if (!pipe || std::fgets(line.data(), line.size(), pipe.get()) == nullptr) return "no answer";
  return std::string(line.data(), kDigits);
}

}  // namespace

TEST_CASE("codes are the last six digits of the vectors of RFC 6238") {
  struct Vector {
    std::int64_t seconds;
    const char* code;
  };
  const auto vector = GENERATE(Vector{59, "287082"}, Vector{1111111109, "081804"}, Vector{1111111111, "050471"},
                               Vector{1234567890, "005924"}, Vector{2000000000, "279037"}, Vector{20000000000, "353130"});
  CHECK(code_of(rfc_seed(), step_at(vector.seconds * kSecond)) == vector.code);
}

TEST_CASE("oathtool makes the same codes of the same secret") {
  for (std::int64_t i = 0; i < 20; ++i) {
    const Seed seed = Seed::random();
    const std::int64_t seconds = 1'700'000'000 + i * 7'654'321;
    CHECK(oathtool(seed, seconds) == code_of(seed, step_at(seconds * kSecond)));
  }
}

TEST_CASE("a code is good for its own step and one on each side") {
  const Seed seed = rfc_seed();
  const std::int64_t now = 1'111'111'111 * kSecond;
  for (int steps = -3; steps <= 3; ++steps) {
    CAPTURE(steps);
    const auto found = matching_step(seed, code_of(seed, step_at(now) + steps), now);
    CHECK(found.has_value() == (steps >= -1 && steps <= 1));
    if (found) CHECK(*found == step_at(now) + steps);
  }
  CHECK_FALSE(matching_step(seed, "", now));
  CHECK_FALSE(matching_step(seed, "05047", now));
  CHECK_FALSE(matching_step(seed, "0050471", now));
}

TEST_CASE("a secret is 32 characters of base 32 without padding, and no two are the same") {
  const std::string one = Seed::random().base32();
  CHECK(one.size() == 32);
  CHECK(one.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == std::string::npos);
  CHECK(one != Seed::random().base32());
  CHECK(rfc_seed().base32() == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  CHECK_FALSE(Seed::from_bytes("1234567890123456789"));
}

TEST_CASE("the address for the app is the published one, with everything strange encoded") {
  CHECK(otpauth_uri(rfc_seed(), "Driftstack", "you@example.com") ==
        "otpauth://totp/"
        "Driftstack:you@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Driftstack&algorithm=SHA1&digits=6&period=30");
  CHECK(otpauth_uri(rfc_seed(), "A:c & D", "a+b&secret=x@example.com") ==
        "otpauth://totp/A%3Ac%20%26%20D:a%2Bb%26secret%3Dx@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A%3Ac%20%26%20D"
        "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace driftstack::mfa_totp

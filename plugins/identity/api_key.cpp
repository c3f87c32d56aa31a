#include "api_key.hpp"

#include <algorithm>

#include "driftstack/support/random_bytes.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::identity {
namespace {

constexpr std::string_view kLive = "ds_live_";
constexpr std::string_view kTest = "ds_test_";
static_assert(kLive.size() == kEnvironmentSize && kTest.size() == kEnvironmentSize);

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
// Bytes from here on would favour the first letters: 256 is no multiple of 62.
constexpr std::size_t kUnbiased = 256 / kAlphabet.size() * kAlphabet.size();

constexpr bool is_alphanumeric(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

std::optional<KeyPrefix> prefix_of(std::string_view token) noexcept {
  if (token.size() != kTokenSize) return std::nullopt;
  const auto environment = token.substr(0, kEnvironmentSize);
  if (environment != kLive && environment != kTest) return std::nullopt;
  const auto random = token.substr(kEnvironmentSize);
  if (!std::all_of(random.begin(), random.end(), is_alphanumeric)) return std::nullopt;
  KeyPrefix prefix{};
  std::copy_n(token.begin(), kPrefixSize, prefix.begin());
  return prefix;
}

std::string random_api_key(KeyEnvironment environment) {
  std::string token(environment == KeyEnvironment::live ? kLive : kTest);
  token.reserve(kTokenSize);
  std::array<std::byte, 64> bytes{};
  while (token.size() < kTokenSize) {
    fill_random(bytes);
    for (std::size_t i = 0; i < bytes.size() && token.size() < kTokenSize; ++i) {
      const auto byte = std::to_integer<std::size_t>(bytes[i]);
      if (byte < kUnbiased) token += kAlphabet[byte % kAlphabet.size()];
    }
  }
  wipe(bytes.data(), bytes.size());
  return token;
}

}  // namespace driftstack::identity

#include "recovery_codes.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/random_bytes.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::mfa_totp {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's base 32: no I, L, O, U
constexpr std::size_t kLongestInput = 64;                                   // more separators than anybody types
static_assert(kAlphabet.size() == 32);

std::string random_code() {
  std::array<std::uint8_t, kRecoveryCodeLength> bytes{};
  fill_random(std::as_writable_bytes(std::span(bytes)));
  std::string code;
  for (const std::uint8_t byte : bytes) code += kAlphabet[byte % kAlphabet.size()];
  wipe(bytes.data(), bytes.size());
  return code;
}

std::string printed(std::string_view code) {
  return std::string(code.substr(0, kRecoveryCodeLength / 2)) + "-" + std::string(code.substr(kRecoveryCodeLength / 2));
}

template <std::size_t N>
std::string_view as_text(const std::array<std::uint8_t, N>& bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

}  // namespace

std::optional<std::string> normal_recovery_code(std::string_view typed) {
  if (typed.size() > kLongestInput) return std::nullopt;
  std::string code;
  for (char c : typed) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (kAlphabet.find(c) == std::string_view::npos) return std::nullopt;
    code += c;
  }
  if (code.size() != kRecoveryCodeLength) return std::nullopt;
  return code;
}

AsyncResult<RecoverySet> RecoveryCodes::make(const Call& call) const {
  RecoverySet set;
  SlowHash::Salt salt{};
  fill_random(std::as_writable_bytes(std::span(salt)));
  set.salt = base64url_encode(as_text(salt));
  while (set.codes.size() < kRecoveryCodes) {
    std::string code = random_code();
    auto made = co_await digest(call, code, set.salt);
    if (!made) co_return std::move(made).error();
    if (std::find(set.digests.begin(), set.digests.end(), *made) != set.digests.end()) continue;
    set.codes.push_back(printed(code));
    set.digests.push_back(*std::move(made));
  }
  co_return set;
}

AsyncResult<std::string> RecoveryCodes::digest(const Call& call, std::string code, std::string salt) const {
  const auto bytes = base64url_decode(salt);
  SlowHash::Salt raw{};
  if (!bytes || bytes->size() != raw.size()) co_return Error(Errc::internal, "The salt of recovery codes was changed.");
  std::copy(bytes->begin(), bytes->end(), raw.begin());
  auto derived = co_await hash_.derive(call, std::move(code), raw);
  if (!derived) co_return std::move(derived).error();
  co_return base64url_encode(as_text(*derived));
}

}  // namespace driftstack::mfa_totp

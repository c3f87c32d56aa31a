#include "driftstack/support/base64.hpp"

#include <array>
#include <cstdint>

namespace driftstack {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoValue = 0xFF;

enum class Padding { none, full };

using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
  Values values{};
  values.fill(kNoValue);
  for (std::size_t i = 0; i < alphabet.size(); ++i) values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}

constexpr Values kStandardValues = values_of(kStandard);
constexpr Values kUrlSafeValues = values_of(kUrlSafe);

// Writes the four digits of 24 bits, or fewer of a last group.
void put(char*& to, std::string_view alphabet, std::uint32_t bits, std::size_t digits) noexcept {
  for (std::size_t i = 0; i < digits; ++i) *to++ = alphabet[bits >> (18 - 6 * i) & 0x3F];
}

void append(std::string& out, std::string_view bytes, std::string_view alphabet, Padding padding) {
  const std::size_t before = out.size();
  const std::size_t rest = bytes.size() % 3;
  const std::size_t last_digits = rest == 0 ? 0 : rest + 1;
  out.resize(before + bytes.size() / 3 * 4 + (padding == Padding::full && rest != 0 ? 4 : last_digits), '=');
  char* to = out.data() + before;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) put(to, alphabet, byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2), 4);
  if (rest != 0) put(to, alphabet, byte(i) << 16 | (rest == 2 ? byte(i + 1) << 8 : 0), last_digits);
}

// Decodes digits without padding.
std::optional<std::string> decode(std::string_view digits, const Values& values) {
  const std::size_t rest = digits.size() % 4;
  if (rest == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(digits.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int held = 0;  // bits that wait for the next byte
  for (const char c : digits) {
    const std::uint8_t value = values[static_cast<unsigned char>(c)];
    if (value == kNoValue) return std::nullopt;
    bits = bits << 6 | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(static_cast<unsigned char>(bits >> held));
    bits &= (1U << held) - 1;
  }
  if (bits != 0) return std::nullopt;
  return bytes;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) { append(out, bytes, kStandard, Padding::full); }
void append_base64url(std::string& out, std::string_view bytes) { append(out, bytes, kUrlSafe, Padding::none); }

std::string base64_encode(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

std::string base64url_encode(std::string_view bytes) {
  std::string out;
  append_base64url(out, bytes);
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding) text.remove_suffix(1);
  return decode(text, kStandardValues);
}

std::optional<std::string> base64url_decode(std::string_view text) { return decode(text, kUrlSafeValues); }

}  // namespace driftstack

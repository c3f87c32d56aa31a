#include <array>
#include <cstdint>

#include "driftstack/support/json.hpp"
#include "driftstack/support/utf8.hpp"

#include "json_tape.hpp"

namespace driftstack::wire {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// 1 for bytes that stand for themselves: printable ASCII but the quote and the backslash.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

std::size_t plain_run(std::string_view text) noexcept {
  std::size_t n = 0;
  while (n < text.size() && kPlain[static_cast<unsigned char>(text[n])]) ++n;
  return n;
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 0x0F];
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const std::size_t plain = plain_run(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_escaped(out, text[0]);
      text.remove_prefix(1);
      continue;
    }
    const std::size_t length = utf8_sequence_length(text);
    out.append(length == 0 ? kReplacement : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

namespace detail {

bool is_plain_json_text(std::string_view text) noexcept { return plain_run(text) == text.size(); }

namespace {

constexpr int kNoDigits = -1;

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return kNoDigits;
}

// The four digits of `\uXXXX` at the start of `text`, or -1.
int code_unit(std::string_view text) noexcept {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return kNoDigits;
  int value = 0;
  for (std::size_t i = 2; i < 6; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return kNoDigits;
    value = value * 16 + digit;
  }
  return value;
}

bool is_high_surrogate(int unit) noexcept { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(int unit) noexcept { return unit >= 0xDC00 && unit <= 0xDFFF; }

void append_utf8(std::string& out, std::uint32_t c) {
  const auto add = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | (c >> 6));
    add(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    add(0xE0 | (c >> 12));
    add(0x80 | ((c >> 6) & 0x3F));
    add(0x80 | (c & 0x3F));
  } else {
    add(0xF0 | (c >> 18));
    add(0x80 | ((c >> 12) & 0x3F));
    add(0x80 | ((c >> 6) & 0x3F));
    add(0x80 | (c & 0x3F));
  }
}

std::size_t decode_unicode_escape(std::string_view text, std::string& out, ScanFault& fault) {
  const int first = code_unit(text);
  if (first < 0) fault = ScanFault::bad_escape;
  if (first == 0) fault = ScanFault::nul_character;
  if (first <= 0) return 0;
  if (!is_high_surrogate(first) && !is_low_surrogate(first)) {
    append_utf8(out, static_cast<std::uint32_t>(first));
    return 6;
  }
  const int second = is_high_surrogate(first) ? code_unit(text.substr(6)) : kNoDigits;
  if (!is_low_surrogate(second)) {
    fault = ScanFault::lone_surrogate;
    return 0;
  }
  append_utf8(out, 0x10000 + ((static_cast<std::uint32_t>(first) - 0xD800) << 10) + (static_cast<std::uint32_t>(second) - 0xDC00));
  return 12;
}

}  // namespace

std::size_t decode_escape(std::string_view text, std::string& out, ScanFault& fault) {
  const char c = text.size() < 2 ? '\0' : text[1];
  switch (c) {
    case '"':
    case '\\':
    case '/':
      out += c;
      return 2;
    case 'b':
      out += '\b';
      return 2;
    case 'f':
      out += '\f';
      return 2;
    case 'n':
      out += '\n';
      return 2;
    case 'r':
      out += '\r';
      return 2;
    case 't':
      out += '\t';
      return 2;
    case 'u':
      return decode_unicode_escape(text, out, fault);
    default:
      fault = ScanFault::bad_escape;
      return 0;
  }
}

}  // namespace detail
}  // namespace driftstack::wire

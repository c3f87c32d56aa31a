#include "kernel/runtime/json_line.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <ctime>

#include "kernel/runtime/redactor.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

constexpr std::string_view name(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      break;
  }
  return "error";
}

// Length of the well-formed UTF-8 sequence at the front (Unicode 15, table 3-7), 0 when there is none.
std::size_t sequence(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80, high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80, high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
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
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
  }
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t copied = 0, at = 0;
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
      ++at;
      continue;
    }
    const std::size_t size = c < 0x80 ? 0 : sequence(text.substr(at));
    if (size != 0) {
      at += size;
      continue;
    }
    out.append(text.substr(copied, at - copied));
    if (c < 0x80)
      append_escape(out, text[at]);
    else
      out += kReplacement;
    copied = ++at;
  }
  out.append(text.substr(copied));
  out += '"';
}

void append_number(std::string& out, std::int64_t number, int digits = 1) {
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  for (auto size = end - text.data(); size < digits; ++size) out += '0';
  out.append(text.data(), end);
}

// 2026-01-31T23:59:59.123456Z. The part up to the seconds is kept per thread.
void append_time(std::string& out, std::int64_t unix_micros) {
  constexpr std::int64_t kMicros = 1'000'000;
  struct Kept {
    std::int64_t second = -1;
    std::array<char, 32> text;
    std::size_t size = 0;
  };
  thread_local Kept kept;
  const std::int64_t second = unix_micros / kMicros;
  if (second != kept.second) {
    const std::time_t time = second;
    std::tm parts{};
    gmtime_r(&time, &parts);
    kept.size = std::strftime(kept.text.data(), kept.text.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
    kept.second = second;
  }
  out.append(kept.text.data(), kept.size);
  append_number(out, unix_micros % kMicros, 6);
  out += 'Z';
}

}  // namespace

void append_json_line(std::string& out, std::int64_t unix_micros, LogLevel level, std::string_view message,
                      std::span<const LogField> fields) {
  thread_local std::string clean;
  const auto append_text = [&](std::string_view text) {
    clean.clear();
    append_redacted(clean, text);
    append_string(out, clean);
  };
  out += "{\"time\":\"";
  append_time(out, unix_micros);
  out += "\",\"level\":\"";
  out += name(level);
  out += "\",\"message\":";
  append_text(message);
  for (const LogField& field : fields) {
    out += ',';
    append_string(out, field.key);
    out += ':';
    if (field.is_number)
      append_number(out, field.number);
    else if (is_secret_name(field.key))
      append_string(out, kRedacted);
    else
      append_text(field.text);
  }
  out += "}\n";
}

}  // namespace driftstack::kernel

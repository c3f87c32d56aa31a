#include "kernel/runtime/json_line.hpp"

#include <array>
#include <charconv>
#include <ctime>

#include "driftstack/support/json.hpp"
#include "kernel/runtime/redactor.hpp"

namespace driftstack::kernel {
namespace {

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
    wire::append_json_string(out, clean);
  };
  out += "{\"time\":\"";
  append_time(out, unix_micros);
  out += "\",\"level\":\"";
  out += name(level);
  out += "\",\"message\":";
  append_text(message);
  for (const LogField& field : fields) {
    out += ',';
    wire::append_json_string(out, field.key);
    out += ':';
    if (field.is_number)
      append_number(out, field.number);
    else if (is_secret_name(field.key))
      wire::append_json_string(out, kRedacted);
    else
      append_text(field.text);
  }
  out += "}\n";
}

}  // namespace driftstack::kernel

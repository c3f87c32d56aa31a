#include "driftstack/testing/recording_log.hpp"

namespace driftstack::testing {

std::string_view LogLine::field(std::string_view key) const noexcept {
  for (const auto& [name, value] : fields)
    if (name == key) return value;
  return {};
}

bool RecordingLog::enabled(LogLevel) const noexcept { return true; }

void RecordingLog::write(LogLevel level, std::string_view message, std::span<const LogField> fields) noexcept {
  LogLine line;
  line.level = level;
  line.message = message;
  for (const auto& field : fields)
    line.fields.emplace_back(field.key, field.is_number ? std::to_string(field.number) : std::string(field.text));
  const std::lock_guard lock(mutex_);
  lines_.push_back(std::move(line));
}

std::vector<LogLine> RecordingLog::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::vector<LogLine> RecordingLog::lines(std::string_view message) const {
  std::vector<LogLine> found;
  for (auto& line : lines())
    if (line.message == message) found.push_back(std::move(line));
  return found;
}

bool RecordingLog::mentions(std::string_view text) const {
  for (const auto& line : lines()) {
    if (line.message.find(text) != std::string::npos) return true;
    for (const auto& [key, value] : line.fields)
      if (key.find(text) != std::string::npos || value.find(text) != std::string::npos) return true;
  }
  return false;
}

void RecordingLog::clear() {
  const std::lock_guard lock(mutex_);
  lines_.clear();
}

}  // namespace driftstack::testing

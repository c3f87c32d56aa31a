#pragma once
// A log that remembers.

#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/host.hpp"

namespace driftstack::testing {

struct LogLine {
  LogLevel level = LogLevel::info;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;  ///< numbers as decimal text

  /// Value of a field, or empty.
  std::string_view field(std::string_view key) const noexcept;
};

/// Keeps every line. [any-thread]
class RecordingLog final : public Log {
 public:
  bool enabled(LogLevel level) const noexcept override;
  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) noexcept override;

  std::vector<LogLine> lines() const;
  /// Lines with exactly this message.
  std::vector<LogLine> lines(std::string_view message) const;
  /// Does any message or field hold this text? For "no secret is logged".
  bool mentions(std::string_view text) const;
  void clear();

 private:
  mutable std::mutex mutex_;
  std::vector<LogLine> lines_;
};

}  // namespace driftstack::testing

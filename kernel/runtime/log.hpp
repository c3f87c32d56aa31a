#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "driftstack/host.hpp"

namespace driftstack::kernel {

/// JSON lines on a descriptor (platform.md 10.4). A line is made, redacted and escaped on the thread that logs, then appended to a buffer
/// that one thread writes out in large pieces: 2 copies and an uncontended lock per line, which is less than spdlog's asynchronous queue
/// costs, and no line is ever torn. When the reader of the log is too slow the buffer fills; lines are then dropped and
/// counted, and the count is logged as soon as there is room. [any-thread]
class JsonLog final : public Log {
 public:
  static constexpr std::size_t kBufferLimit = std::size_t{8} << 20;  // some 30,000 lines
  static constexpr int kStandardOutput = 1;

  /// Does not own `descriptor`. `clock` must outlive this object.
  JsonLog(const Clock& clock, LogLevel level, int descriptor = kStandardOutput, std::size_t buffer_limit = kBufferLimit);
  /// Writes what is left.
  ~JsonLog();
  JsonLog(const JsonLog&) = delete;
  JsonLog& operator=(const JsonLog&) = delete;

  bool enabled(LogLevel level) const noexcept override { return level >= level_.load(std::memory_order_relaxed); }
  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) noexcept override;
  void set_level(LogLevel level) noexcept { level_.store(level, std::memory_order_relaxed); }
  /// Waits until every line so far is written.
  void flush();
  /// Lines that were lost so far.
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  void append(std::string_view line, bool urgent) noexcept;
  void run();
  void write_out(std::string_view lines) noexcept;

  const Clock& clock_;
  const int descriptor_;
  const std::size_t limit_;
  std::atomic<LogLevel> level_;
  std::atomic<std::uint64_t> dropped_{0};
  std::mutex mutex_;
  std::condition_variable wanted_, written_;
  std::string filling_;
  std::uint64_t appended_ = 0, done_ = 0;  ///< bytes, for flush()
  bool urgent_ = false, stopping_ = false;
  std::thread thread_;
};

/// A Log that names its component on each line; every plugin has one. Holds a reference to the log behind it.
class ComponentLog final : public Log {
 public:
  ComponentLog(Log& target, std::string component) : target_(target), component_(std::move(component)) {}
  bool enabled(LogLevel level) const noexcept override { return target_.enabled(level); }
  void write(LogLevel level, std::string_view message, std::span<const LogField> fields) noexcept override;

 private:
  Log& target_;
  std::string component_;
};

}  // namespace driftstack::kernel

#include "kernel/runtime/log.hpp"

#include <unistd.h>

#include <poll.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <vector>

#include "kernel/runtime/json_line.hpp"
#include "kernel/runtime/thread_signals.hpp"

namespace driftstack::kernel {
namespace {

// Lines are collected this long before they are written: at most 50 writes per second however many lines there are.
constexpr std::chrono::milliseconds kLinger{20};
// Errors, and a buffer this full, are written at once.
constexpr std::size_t kUrgentSize = 256 * 1024;

}  // namespace

JsonLog::JsonLog(const Clock& clock, LogLevel level, int descriptor, std::size_t buffer_limit)
    : clock_(clock), descriptor_(descriptor), limit_(buffer_limit), level_(level) {
  const SignalsBlocked blocked;
  thread_ = std::thread([this] { run(); });
}

JsonLog::~JsonLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_one();
  thread_.join();
}

void JsonLog::write(LogLevel level, std::string_view message, std::span<const LogField> fields) noexcept {
  if (!enabled(level)) return;
  try {
    thread_local std::string line;
    line.clear();
    append_json_line(line, clock_.unix_micros(), level, message, fields);
    append(line, level == LogLevel::error);
  } catch (...) {  // out of memory
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
}

void JsonLog::append(std::string_view line, bool urgent) noexcept {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (filling_.size() + line.size() > limit_) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    wake = filling_.empty();
    filling_.append(line);
    appended_ += line.size();
    if (!urgent_ && (urgent || filling_.size() >= kUrgentSize)) wake = urgent_ = true;
  }
  if (wake) wanted_.notify_one();
}

void JsonLog::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = appended_;
  urgent_ = true;
  wanted_.notify_one();
  written_.wait(lock, [&] { return done_ >= target; });
}

void JsonLog::run() {
  std::string writing;
  std::uint64_t reported = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wanted_.wait(lock, [&] { return !filling_.empty() || stopping_; });
    if (filling_.empty()) return;
    wanted_.wait_for(lock, kLinger, [&] { return urgent_ || stopping_; });
    urgent_ = false;
    writing.clear();
    writing.swap(filling_);
    const std::uint64_t taken = writing.size();
    lock.unlock();
    const std::uint64_t lost = dropped();
    if (lost != reported) {
      const std::array<LogField, 1> fields = {LogField("dropped_total", static_cast<std::int64_t>(lost))};
      append_json_line(writing, clock_.unix_micros(), LogLevel::error, "log lines were dropped: the reader of the log is too slow", fields);
      reported = lost;
    }
    write_out(writing);
    lock.lock();
    done_ += taken;
    written_.notify_all();
  }
}

void JsonLog::write_out(std::string_view lines) noexcept {
  while (!lines.empty()) {
    const ssize_t size = ::write(descriptor_, lines.data(), lines.size());
    if (size >= 0) {
      lines.remove_prefix(static_cast<std::size_t>(size));
    } else if (errno == EAGAIN) {  // standard output may be a non-blocking pipe
      pollfd wait{descriptor_, POLLOUT, 0};
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      dropped_.fetch_add(1, std::memory_order_relaxed);  // nobody is left to tell
      return;
    }
  }
}

void ComponentLog::write(LogLevel level, std::string_view message, std::span<const LogField> fields) noexcept {
  if (!enabled(level)) return;
  try {
    thread_local std::vector<LogField> all;
    all.clear();
    all.emplace_back("component", component_);
    all.insert(all.end(), fields.begin(), fields.end());
    target_.write(level, message, all);
  } catch (...) {  // out of memory: the line counts less than the caller
  }
}

}  // namespace driftstack::kernel

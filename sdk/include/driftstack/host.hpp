#pragma once
// What the host gives a plugin. Every interface here is implemented by the host; a minor SDK release may append methods at the end.

#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/header.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {

// ---------------------------------------------------------------- threads

/// Readiness of a file descriptor.
enum class Readiness : std::uint8_t { none = 0, readable = 1, writable = 2, both = 3 };

/// Told when a watched descriptor is ready. Implemented by the plugin. [io-thread of the watch]
class ReadinessHandler {
 public:
  virtual ~ReadinessHandler() = default;
  /// Level-triggered, one call per wanted readiness; an error or hang-up counts as readable. May change interest or end the watch.
  virtual void on_ready(Readiness what) noexcept = 0;
};

/// A descriptor under watch. Destroy it (on its io thread) before closing the descriptor; the host never closes it.
class Watch {
 public:
  virtual ~Watch() = default;
  /// Which readiness is wanted from now on. [io-thread of the watch]
  virtual void set_interest(Readiness what) noexcept = 0;
};

/// Moves coroutines between threads. All [any-thread] unless said otherwise.
class Scheduler {
 public:
  virtual std::uint32_t io_threads() const noexcept = 0;
  /// Index of the calling io thread, kNoIoThread elsewhere.
  virtual IoThread current_io_thread() const noexcept = 0;
  /// Resumes on that io thread. The handle must be suspended already.
  virtual void resume_on_io(IoThread thread, std::coroutine_handle<> handle) noexcept = 0;
  /// Resumes several on one io thread with one post.
  virtual void resume_all_on_io(IoThread thread, std::span<const std::coroutine_handle<>> handles) noexcept = 0;
  /// Resumes on a worker thread, where blocking calls are allowed. The pool's queue is bounded only by memory: callers bound themselves.
  virtual void resume_on_workers(std::coroutine_handle<> handle) noexcept = 0;
  /// Resumes on that io thread at a time (resolution of the deadline wheel: 10 ms).
  virtual void resume_at(Call::Clock::time_point when, IoThread thread, std::coroutine_handle<> handle) noexcept = 0;
  /// Watches a non-blocking descriptor on the calling io thread; interest is `none` at first. [io-thread]
  virtual std::unique_ptr<Watch> watch(int descriptor, ReadinessHandler& handler) = 0;

 protected:
  ~Scheduler() = default;
};

/// `co_await on_workers(scheduler)`: continue on a worker thread.
class on_workers {
 public:
  explicit on_workers(Scheduler& scheduler) noexcept : scheduler_(scheduler) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { scheduler_.resume_on_workers(handle); }
  void await_resume() const noexcept {}

 private:
  Scheduler& scheduler_;
};

/// `co_await on_io(scheduler, thread)`: continue on that io thread; nothing happens when already there.
class on_io {
 public:
  on_io(Scheduler& scheduler, IoThread thread) noexcept : scheduler_(scheduler), thread_(thread) {}
  bool await_ready() const noexcept { return scheduler_.current_io_thread() == thread_; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { scheduler_.resume_on_io(thread_, handle); }
  void await_resume() const noexcept {}

 private:
  Scheduler& scheduler_;
  IoThread thread_;
};

/// `co_await until(scheduler, when, thread)`: continue on that io thread at that time.
class until {
 public:
  until(Scheduler& scheduler, Call::Clock::time_point when, IoThread thread) noexcept
      : scheduler_(scheduler), when_(when), thread_(thread) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { scheduler_.resume_at(when_, thread_, handle); }
  void await_resume() const noexcept {}

 private:
  Scheduler& scheduler_;
  Call::Clock::time_point when_;
  IoThread thread_;
};

// ---------------------------------------------------------------- time, log, metrics

/// Time, injected so that tests can move it. [any-thread]
class Clock {
 public:
  /// For waiting and measuring.
  virtual std::chrono::steady_clock::time_point steady() const noexcept = 0;
  /// For what people and the database see: microseconds since 1970-01-01 UTC.
  virtual std::int64_t unix_micros() const noexcept = 0;

 protected:
  ~Clock() = default;
};

enum class LogLevel : std::uint8_t { debug, info, warn, error };

/// One structured field of a log line. Views are copied before the call returns.
struct LogField {
  LogField(std::string_view key, std::string_view text) : key(key), text(text) {}
  LogField(std::string_view key, std::int64_t number) : key(key), number(number), is_number(true) {}
  std::string_view key;
  std::string_view text;
  std::int64_t number = 0;
  bool is_number = false;
};

/// JSON lines on standard output, through the one redactor. [any-thread]
class Log {
 public:
  virtual bool enabled(LogLevel level) const noexcept = 0;
  /// `message` is a constant sentence; what varies goes into fields.
  virtual void write(LogLevel level, std::string_view message, std::span<const LogField> fields) noexcept = 0;

  void info(std::string_view message, std::initializer_list<LogField> fields = {}) noexcept {
    write(LogLevel::info, message, span(fields));
  }
  void warn(std::string_view message, std::initializer_list<LogField> fields = {}) noexcept {
    write(LogLevel::warn, message, span(fields));
  }
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) noexcept {
    write(LogLevel::error, message, span(fields));
  }

 protected:
  ~Log() = default;

 private:
  static std::span<const LogField> span(std::initializer_list<LogField> fields) noexcept { return {fields.begin(), fields.size()}; }
};

/// A label of a metric: values come from closed lists or route templates, never from accounts, keys or addresses.
struct Label {
  Label(std::string name, std::string value) : name(std::move(name)), value(std::move(value)) {}
  std::string name, value;
};

/// A number that only grows. Valid until the host ends. [any-thread]
class Counter {
 public:
  virtual void add(std::uint64_t amount) noexcept = 0;

 protected:
  ~Counter() = default;
};
/// A number that moves. [any-thread]
class Gauge {
 public:
  virtual void set(std::int64_t value) noexcept = 0;
  virtual void add(std::int64_t amount) noexcept = 0;

 protected:
  ~Gauge() = default;
};
/// Counts observations in fixed buckets (upper bounds given at creation). [any-thread]
class Histogram {
 public:
  virtual void observe(double value) noexcept = 0;

 protected:
  ~Histogram() = default;
};

/// One sample of one metric, as shown to an exporter.
struct MetricSample {
  std::string_view name, help;
  std::string_view type;  ///< `counter`, `gauge` or `histogram`
  std::span<const Label> labels;
  double value = 0;                              ///< counter, gauge; sum of a histogram
  std::span<const double> bounds;                ///< histogram: upper bounds without +Inf
  std::span<const std::uint64_t> bucket_counts;  ///< histogram: cumulative, one more than bounds
};
class MetricVisitor {
 public:
  virtual void sample(const MetricSample& sample) = 0;

 protected:
  ~MetricVisitor() = default;
};

/// The registry of metrics. The same name and labels give the same object. Creating is slow: do it at start. [any-thread]
class Metrics {
 public:
  virtual Counter& counter(std::string_view name, std::string_view help, std::vector<Label> labels) = 0;
  virtual Gauge& gauge(std::string_view name, std::string_view help, std::vector<Label> labels) = 0;
  virtual Histogram& histogram(std::string_view name, std::string_view help, std::vector<Label> labels, std::vector<double> bounds) = 0;
  /// Shows every sample, grouped by name.
  virtual void collect(MetricVisitor& visitor) const = 0;

 protected:
  ~Metrics() = default;
};

// ---------------------------------------------------------------- settings and secrets

/// The plugin's checked settings: every key of its manifest has its type, bounds and default already. Asking for a key or type that the
/// manifest does not declare is a bug and throws std::logic_error. Valid until the plugin is destroyed. [any-thread]
class Settings {
 public:
  /// False when the key is optional, has no default and was not set.
  virtual bool has(std::string_view key) const = 0;
  virtual bool boolean(std::string_view key) const = 0;
  virtual std::int64_t integer(std::string_view key) const = 0;
  virtual double number(std::string_view key) const = 0;
  virtual std::chrono::microseconds duration(std::string_view key) const = 0;
  virtual std::int64_t bytes(std::string_view key) const = 0;
  /// Text, enumeration, URL, path or host:port.
  virtual std::string text(std::string_view key) const = 0;
  virtual std::vector<std::string> list(std::string_view key) const = 0;
  /// The value behind a secret reference. Keep it in a SecretText, never log it.
  virtual std::string secret(std::string_view key) const = 0;
  /// A table of the settings, or null. `names` lists the tables of a map of tables.
  virtual const Settings* table(std::string_view key) const = 0;
  virtual std::vector<std::string> names() const = 0;

 protected:
  ~Settings() = default;
};

/// A 32-byte keyed digest.
using Digest = std::array<std::uint8_t, 32>;

/// The envelope for secrets at rest, and keys derived from the master key. [any-thread]
class Secrets {
 public:
  /// AES-256-GCM with a fresh nonce. `binding` ties the ciphertext to its place (purpose, account, object, revision): opening needs the
  /// same.
  virtual Result<std::string> seal(std::string_view binding, std::string_view plaintext) noexcept = 0;
  /// Errc::internal when the text was changed, moved or sealed under an unknown key.
  virtual Result<std::string> open(std::string_view binding, std::string_view sealed) noexcept = 0;
  /// HMAC-SHA-256 under a key derived for `purpose`. Fast: keyed contexts are kept per thread.
  virtual Digest mac(std::string_view purpose, std::string_view message) noexcept = 0;

 protected:
  ~Secrets() = default;
};

// ---------------------------------------------------------------- outbound HTTP

/// One call to a server outside. https unless the operator listed the target; no redirects, no environment proxies.
struct OutboundRequest {
  OutboundRequest(std::string method, std::string url) : method(std::move(method)), url(std::move(url)) {}
  std::string method;
  std::string url;
  std::vector<Header> headers;
  std::string body;
  std::size_t response_limit = std::size_t{1} << 20;  ///< bytes of the answer that are read at most
};
struct OutboundResponse {
  int status = 0;
  std::vector<Header> headers;
  std::string body;
};

/// HTTP client of the host; deadline and cancellation come from the Call. [io-thread]
class OutboundHttp {
 public:
  /// Errc::unreachable (name, connection, TLS), Errc::timeout, Errc::payload_too_large, Errc::forbidden (target not in `[egress]`).
  virtual AsyncResult<OutboundResponse> send(const Call& call, OutboundRequest request) = 0;

 protected:
  ~OutboundHttp() = default;
};

// ---------------------------------------------------------------- the host

/// Shows that a background worker lives; `/ready` lists each worker's last tick. [any-thread]
class WorkerTick {
 public:
  virtual void tick() noexcept = 0;

 protected:
  ~WorkerTick() = default;
};

/// Everything that a plugin may use, one object per plugin. Valid from creation until the plugin is destroyed.
class Host {
 public:
  virtual Scheduler& scheduler() noexcept = 0;
  virtual Clock& clock() noexcept = 0;
  virtual Log& log() noexcept = 0;
  virtual Metrics& metrics() noexcept = 0;
  virtual const Settings& settings() const noexcept = 0;
  virtual Secrets& secrets() noexcept = 0;
  virtual OutboundHttp& outbound_http() noexcept = 0;
  /// The interface of the plugin that fills it, or null. Required interfaces are there from configure() on and work from start() on;
  /// valid until this plugin's stop() completes. [any-thread]
  virtual void* find(InterfaceId id) noexcept = 0;
  /// A private directory for this plugin's files (0700, exists).
  virtual std::string data_directory() const = 0;
  /// The folder of the plugin package (library, manifest, static files).
  virtual std::string package_directory() const = 0;
  /// The public base URL, without a trailing slash; absolute links are built from it only.
  virtual std::string public_url() const = 0;
  /// Registers a background worker. Valid until the host ends. [main-thread] [io-thread]
  virtual WorkerTick& worker(std::string_view name) = 0;
  /// False when a command-line tool runs the plugin, maybe beside a server on the same store: take no exclusive lock, start no background
  /// work, touch no record of running work.
  virtual bool serving() const noexcept { return true; }

  /// `host.find<db::Database>()`: typed find.
  template <class Interface>
  Interface* find() noexcept {
    return static_cast<Interface*>(find(Interface::kId));
  }

 protected:
  ~Host() = default;
};

/// Provided by a plugin that can tell whether what it needs is usable; asked by GET /ready, each with 1.5 s to answer.
class HealthCheck {
 public:
  static constexpr InterfaceId kId{"health.check", 1};
  /// Name of the check: `database`.
  virtual std::string_view name() const noexcept = 0;
  virtual AsyncResult<> check(const Call& call) = 0;

 protected:
  ~HealthCheck() = default;
};

}  // namespace v1
}  // namespace driftstack
